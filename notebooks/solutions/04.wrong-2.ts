const scaled = (f: Optimizee, c: Params): Optimizee => ({
  theta0: mapParams(f.theta0, (theta, name) => theta.mul(c[name])),
  loss: (theta, t) =>
    f.loss(
      mapParams(theta, (x, name) => x.div(c[name])),
      t,
    ),
});
