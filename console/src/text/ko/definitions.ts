export const definitions = {
  title: "사가 정의",
};
