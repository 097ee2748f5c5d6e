const gram = (activations: tf.Tensor3D): tf.Tensor2D => {
  const [height, width, channels] = activations.shape;
  const rows = activations.reshape([height * width, channels]);
  return rows.matMul(rows.transpose()).div(height * width) as tf.Tensor2D;
};
