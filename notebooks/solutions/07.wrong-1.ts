const response = (lr: number, momentum: number, lag: number): number => -lr * momentum ** lag;
