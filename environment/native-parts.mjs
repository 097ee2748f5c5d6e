// What `npm run native` takes from where: nothing but npm's tfjs-node and PyPI's wheels of TensorFlow, by hash.
export const tfjsNode = '4.22.0';
export const tensorflow = '2.21.0';

/** @type {{ [platform: string]: { project: string, platform: string, needsMB: number, sha256: string } }} */
export const wheels = {
  'linux-x64': {
    project: 'tensorflow-cpu',
    platform: 'manylinux_2_27_x86_64',
    needsMB: 2500,
    sha256: '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
  },
  // Built and run on machines without a GPU; not tried on one.
  'linux-x64-gpu': {
    project: 'tensorflow',
    platform: 'manylinux_2_27_x86_64',
    needsMB: 12000,
    sha256: '9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124',
  },
  // Not tried.
  'linux-arm64': {
    project: 'tensorflow-cpu',
    platform: 'manylinux_2_27_aarch64',
    needsMB: 2500,
    sha256: '4b24aca16d527a3cf1c37f720c04c484c3d20f4d0fdfa98632ac8b9f3be6eb5c',
  },
};

export const libraries = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];

/** Beginnings of the names of everything else that is needed from a wheel. */
export const parts = [
  'THIRD_PARTY_NOTICES.txt',
  'include/LICENSE',
  'include/tensorflow/c/',
  'include/xla/tsl/c/',
  'include/tensorflow/core/platform/ctstring',
  'include/tsl/platform/ctstring',
];

/** Versions that the wheel's own "and-cuda" asks for. */
export const cuda = [
  ...['cublas', 'cuda-cupti', 'cuda-nvcc', 'cuda-nvrtc', 'cuda-runtime', 'cusparse', 'nvjitlink'].map(
    (name) => `nvidia-${name}-cu12>=12.5,<13`,
  ),
  'nvidia-cufft-cu12>=11.2.3,<12',
  'nvidia-curand-cu12>=10.3.6,<11',
  'nvidia-cusolver-cu12>=11.6.3,<12',
  'nvidia-cudnn-cu12>=9.3,<10',
  'nvidia-nccl-cu12>=2.27.7,<3',
];
