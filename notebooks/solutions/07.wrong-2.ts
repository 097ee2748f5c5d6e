const response = (lr: number, momentum: number, lag: number): number =>
  lag === 0 ? -lr * (1 + momentum) : -lr * momentum ** lag;
