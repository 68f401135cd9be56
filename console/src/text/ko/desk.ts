export const desk = {
  title: "처리 데스크",
};
