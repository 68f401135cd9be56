export const logs = {
  title: "로그",
};
