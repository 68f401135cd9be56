export const services = {
  title: "서비스",
};
