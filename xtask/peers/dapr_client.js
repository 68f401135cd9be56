// dapr_client.js sdk|plain PORT: calls httpbin by Dapr's SDK through a sidecar, or without both.

const [how, port] = process.argv.slice(2);
const BODY = { flight: "KE123", seat: "12A", 이름: "김" };

async function bySdk() {
  const { DaprClient, CommunicationProtocolEnum } = (await import("@dapr/dapr")).default;
  const client = new DaprClient({
    daprHost: "127.0.0.1",
    daprPort: port,
    communicationProtocol: CommunicationProtocolEnum.HTTP,
  });
  return (verb, path, body) => client.invoker.invoke("httpbin", path, verb.toLowerCase(), body);
}

async function plainly(verb, path, body) {
  const answer = await fetch(`http://127.0.0.1:${port}/${path}`, {
    method: verb,
    headers: body ? { "content-type": "application/json" } : {},
    body: body && JSON.stringify(body),
  });
  return answer.json();
}

const call = how === "sdk" ? await bySdk() : plainly;
for (const [name, ...asked] of [
  ["GET", "GET", "anything/seats"],
  ["GET with a query", "GET", "anything/seats?row=12&free=true"],
  ["POST of JSON", "POST", "anything/seats/12A/hold", BODY],
  ["PUT of JSON", "PUT", "anything/seats/12A", BODY],
  ["DELETE", "DELETE", "anything/seats/12A"],
]) {
  const { method, url, args, json } = await call(...asked);
  const saw = JSON.stringify([method, url.split("/").slice(3).join("/"), args, json]);
  console.log(JSON.stringify({ case: name, saw }));
}
process.exit(0);
