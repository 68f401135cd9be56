export const sagas = { title: "sagas" };
