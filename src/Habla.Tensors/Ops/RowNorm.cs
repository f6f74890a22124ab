using Habla.Tensors.Kernels;
using Habla.Tensors.Threading;

namespace Habla.Tensors.Ops;

/// <summary>What <see cref="LayerNorm"/> and <see cref="RmsNorm"/> have in common, forward and backward.</summary>
internal static unsafe class RowNorm<TCentering>
    where TCentering : struct, ICentering
{
    /// <summary>Normalizes each row of x; keeps the means (with centering) and scales for the way back.</summary>
    public static Tensor Forward(
        Tape tape, Tensor x, Tensor gain, Tensor? bias, float epsilon, out float* means, out float* scales)
    {
        int rows = x.Shape.Rows, columns = x.Shape.Columns;
        Tensor y = tape.CreateOutput(x.Shape);
        means = TCentering.TakesMeanOff ? tape.AllocateFloats(rows) : null;
        scales = tape.AllocateFloats(rows);
        tape.Pool.ForRows(
            rows, columns,
            new NormForward<TCentering>
            {
                X = x.DataPointer, Gain = gain.DataPointer, Bias = bias is null ? null : bias.DataPointer, Y = y.DataPointer,
                Means = means, Scales = scales, Columns = columns, Epsilon = epsilon,
            });
        return y;
    }

    /// <summary>From dy to the gradients of x and the gain.</summary>
    public static void Backward(Tape tape, float* dy, Tensor x, Tensor gain, float* means, float* scales)
    {
        int rows = x.Shape.Rows, columns = x.Shape.Columns;
        float* dx = x.GradientToWrite(out bool accumulate);
        tape.Pool.ForRows(
            rows, columns,
            new NormBackward<TCentering>
            {
                X = x.DataPointer, Gain = gain.DataPointer, Dy = dy, Dx = dx,
                Means = means, Scales = scales, Columns = columns, Accumulate = accumulate,
            });

        ParameterGradientTarget dgain = gain.ParameterGradientToWrite();
        for (int place = 0, share = rows / dgain.Places; place < dgain.Places; place++)
        {
            tape.Pool.ForRows(
                (columns + Lanes.Count - 1) / Lanes.Count, (long)share * Lanes.Count,
                new NormGainGradient<TCentering>
                {
                    X = x.DataPointer + ((long)place * share * columns), Dy = dy + ((long)place * share * columns),
                    Means = means is null ? null : means + (place * share), Scales = scales + (place * share),
                    Gradient = dgain[place], Rows = share, Columns = columns, MicroBatches = dgain.MicroBatchesPerPlace,
                    Accumulate = dgain.Accumulate,
                });
        }
    }
}
