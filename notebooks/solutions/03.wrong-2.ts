const preprocessing = (gradient: number, p: number): [number, number] =>
  Math.abs(gradient) >= Math.exp(-p)
    ? [Math.log(Math.abs(gradient)) / p, Math.sign(gradient)]
    : [-1, Math.exp(-p) * gradient];
