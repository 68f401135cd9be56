export const map = {
  title: "서비스 맵",
};
