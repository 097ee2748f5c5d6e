const scaled = (f: Optimizee, c: Params): Optimizee => ({
  theta0: mapParams(f.theta0, (theta, name) => theta.div(c[name])),
  loss: (theta, t) =>
    f.loss(
      mapParams(theta, (x, name) => x.mul(c[name])),
      t,
    ),
});
