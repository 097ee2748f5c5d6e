const scaled = (f: Optimizee, c: Params): Optimizee => ({
  theta0: f.theta0,
  loss: (theta, t) =>
    f.loss(
      mapParams(theta, (x, name) => x.mul(c[name])),
      t,
    ),
});
