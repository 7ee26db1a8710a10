"""The network `paper` in Keras on TensorFlow's CPU kernels: see common.py for the command line."""
import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import tensorflow as tf
from tensorflow.keras import layers

import common

arguments = common.arguments()
tf.config.threading.set_intra_op_parallelism_threads(arguments.threads)
tf.config.threading.set_inter_op_parallelism_threads(arguments.threads)
weights, x, target = common.load(arguments.inputs, arguments.batch)
before = common.peak_bytes()


def conv(features):
    return layers.Conv3D(features, 3, padding="same", activation="relu")


def network():
    inputs = layers.Input((*x.shape[1:], 1))
    y, skips = inputs, []
    for width in common.WIDTHS:
        y = conv(width)(conv(width)(y))
        skips.append(y)
        y = layers.MaxPooling3D((1, 2, 2))(y)
    y = conv(common.BOTTLENECK)(conv(common.BOTTLENECK)(y))
    for width in reversed(common.WIDTHS):
        y = layers.UpSampling3D((1, 2, 2))(y)
        y = conv(width)(layers.Concatenate()([y, skips.pop()]))
    y = layers.Conv3D(1, (common.CHANNELS, 1, 1), activation="sigmoid")(y)
    y = layers.Rescaling(common.UPPER_BOUND)(layers.Reshape(x.shape[2:])(y))
    return tf.keras.Model(inputs, y)


model = network()
convolutions = [layer for layer in model.layers if isinstance(layer, layers.Conv3D)]
# Keras lists layers by depth of the graph, which here is the running order.
for layer, name in zip(convolutions, common.NAMES, strict=True):
    kernel = weights[f"{name}.weight"].transpose(2, 3, 4, 1, 0)
    layer.set_weights([kernel, weights[f"{name}.bias"]])
variables = [variable for layer in convolutions for variable in (layer.kernel, layer.bias)]
optimizer = tf.keras.optimizers.Adam(
    common.LEARNING_RATE, beta_1=common.BETA1, beta_2=common.BETA2, epsilon=common.EPSILON
)
optimizer.build(variables)
tiles, target = tf.constant(x[..., None]), tf.constant(target)
graph = tf.function(jit_compile=arguments.way == "xla")


def loss_and_gradients():
    with tf.GradientTape() as tape:
        output = model(tiles, training=True)
        loss = tf.reduce_mean(tf.square(output - target))
    return output, loss, tape.gradient(loss, variables)


@graph
def infer():
    return model(tiles, training=False)


@graph
def step():
    _, loss, gradients = loss_and_gradients()
    # Keras adds epsilon before it corrects the mean square, the others after: this makes them one.
    count = tf.cast(optimizer.iterations + 1, tf.float32)
    optimizer.epsilon = common.EPSILON * tf.sqrt(1 - common.BETA2**count)
    optimizer.apply_gradients(zip(gradients, variables))
    return loss


def agree():
    output, _, gradients = graph(loss_and_gradients)()
    gradients = [
        gradient.numpy().transpose(4, 3, 0, 1, 2) if len(gradient.shape) == 5 else gradient.numpy()
        for gradient in gradients
    ]
    losses = [step().numpy() for _ in range(common.AGREED_STEPS)]
    common.save(arguments.output, output.numpy(), gradients, losses)


times = []
if arguments.work == "agree":
    agree()
else:
    call = infer if arguments.work == "infer" else step
    times = common.seconds(lambda: call().numpy(), arguments.runs)
common.answer(f"{tf.keras.__version__} on TensorFlow {tf.__version__}", times, before)
