using Habla.Tensors.Kernels;
using Habla.Tensors.Threading;

namespace Habla.Tensors.Ops;

/// <summary>Which formula of GELU.</summary>
public enum GeluForm
{
    /// <summary>x·Φ(x) with the normal distribution function Φ(x) = ½(1 + erf(x/√2)).</summary>
    Exact,

    /// <summary>½x(1 + tanh(√(2/π)(x + 0.044715x³))), the approximation that GPT-2 uses.</summary>
    Tanh,
}

/// <summary>
/// A linear map and the Gaussian error linear unit as one operation: y = gelu(h) with h = x·Wᵀ + b.
/// Backward: dh = dy·gelu′(h), then as in <see cref="Linear"/>.
/// </summary>
/// <remarks>
/// Hendrycks and Gimpel, "Gaussian error linear units (GELUs)", 2016. The slope gelu′(h) shares its error or logistic function with
/// gelu(h), so both are computed on the way forward; the slope takes the place of h, which nothing needs any more. In a 16-bit format y
/// takes the place of h, and the slopes are stored in 16 bits.
/// </remarks>
public sealed unsafe class LinearGelu : Operation
{
    private const int SlopesAtOnce = 512;

    private Tensor _x = null!, _weight = null!;
    private Tensor? _bias;
    private float* _slopes;
    private ushort* _storedSlopes; // in a 16-bit format

    /// <summary>Applies the map and the activation.</summary>
    /// <param name="tape">Records the operation.</param>
    /// <param name="x"><c>[…, in]</c></param>
    /// <param name="weight"><c>[out, in]</c></param>
    /// <param name="bias"><c>[out]</c>, or null for none.</param>
    /// <param name="form">Which formula.</param>
    /// <returns><c>[…, out]</c></returns>
    /// <exception cref="ShapeException">The shapes do not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="form"/> is none of <see cref="GeluForm"/>.</exception>
    /// <exception cref="ArgumentException">A tensor was made on another tape, or before this one was reset.</exception>
    public static Tensor Apply(Tape tape, Tensor x, Tensor weight, Tensor? bias, GeluForm form)
    {
        if (form is not (GeluForm.Exact or GeluForm.Tanh))
        {
            throw new ArgumentOutOfRangeException(nameof(form), form, "GELU: there is no such form");
        }

        Tensor y = Linear.CreateOutput(tape, x, weight, bias);
        bool inFloat32 = tape.Format == ActivationFormat.Float32;
        ushort* stored = inFloat32 ? null : tape.AllocateSixteenBits(y.Shape.Count);
        float* hidden = inFloat32 ? tape.AllocateFloats(y.Shape.Count) : y.DataPointer;
        Linear.Forward(tape, x, weight, bias, hidden);
        tape.Pool.ForRows(
            y.Shape.Rows, 2 * y.Shape.Columns,
            new ForwardRows
            {
                X = hidden, Y = y.DataPointer, Slopes = hidden, StoredSlopes = stored, Format = tape.Format,
                Columns = y.Shape.Columns, Form = form,
            });
        if (tape.Stores(y))
        {
            var operation = tape.Record<LinearGelu>(y);
            (operation._x, operation._weight, operation._bias) = (x, weight, bias);
            operation._slopes = hidden;
            operation._storedSlopes = stored;
        }

        return y;
    }

    internal override string Description => $"LinearGelu with {_weight.ParameterName}";

    internal override void Backward(Tape tape)
    {
        // In place: the gradient of y is wanted nowhere else.
        float* gradient = Output.GradientPointer;
        tape.Pool.ForRows(
            Output.Shape.Rows, Output.Shape.Columns,
            new BackwardRows
            {
                Gradient = gradient, Slopes = _slopes, StoredSlopes = _storedSlopes, Format = tape.Format, Columns = Output.Shape.Columns,
            });
        Linear.Backward(tape, _x, _weight, _bias, gradient);
    }

    private struct ForwardRows : IRowWork
    {
        public float* X, Y, Slopes;
        public ushort* StoredSlopes;
        public ActivationFormat Format;
        public int Columns;
        public GeluForm Form;

        public readonly void Run(int from, int to)
        {
            long start = (long)from * Columns, count = (long)(to - from) * Columns;
            if (StoredSlopes is null)
            {
                Map(X + start, Y + start, Slopes + start, count);
                return;
            }

            float* slopes = stackalloc float[SlopesAtOnce];
            for (long end = start + count; start < end; start += SlopesAtOnce)
            {
                long some = Math.Min(SlopesAtOnce, end - start);
                Map(X + start, Y + start, slopes, some);
                SixteenBits.Round(Format, slopes, StoredSlopes + start, some);
            }
        }

        private readonly void Map(float* x, float* y, float* slopes, long count)
        {
            if (Form == GeluForm.Exact)
            {
                Elementwise.MapWithSlope<ExactGelu>(x, y, slopes, count);
            }
            else
            {
                Elementwise.MapWithSlope<TanhGelu>(x, y, slopes, count);
            }
        }
    }

    private struct BackwardRows : IRowWork
    {
        public float* Gradient, Slopes;
        public ushort* StoredSlopes;
        public ActivationFormat Format;
        public int Columns;

        public readonly void Run(int from, int to)
        {
            long start = (long)from * Columns, count = (long)(to - from) * Columns;
            if (StoredSlopes is null)
            {
                Elementwise.Map<Elementwise.Product>(Gradient + start, Slopes + start, Gradient + start, count);
                return;
            }

            float* slopes = stackalloc float[SlopesAtOnce];
            for (long end = start + count; start < end; start += SlopesAtOnce)
            {
                long some = Math.Min(SlopesAtOnce, end - start);
                SixteenBits.Widen(Format, StoredSlopes + start, slopes, some);
                Elementwise.Map<Elementwise.Product>(Gradient + start, slopes, Gradient + start, some);
                SixteenBits.RoundNumbers(Format, Gradient + start, Gradient + start, some); // what products are to multiply
            }
        }
    }
}
