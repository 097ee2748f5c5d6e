const preprocessing = (gradient: number, p: number): [number, number] => [
  Math.log(Math.abs(gradient)) / p,
  Math.sign(gradient),
];
