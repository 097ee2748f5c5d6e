const gram = (activations: tf.Tensor3D): tf.Tensor2D => {
  const [height, width, channels] = activations.shape;
  const rows = activations.reshape([height * width, channels]);
  return rows.transpose().matMul(rows) as tf.Tensor2D;
};
