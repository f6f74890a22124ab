using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
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
/// The Gaussian error linear unit, y = x·Φ(x) or its tanh approximation.
/// Backward, exact: dy/dx = Φ(x) + x·φ(x) with φ(x) = e^(−x²/2)/√(2π).
/// Backward, tanh: with u = √(2/π)(x + 0.044715x³) and t = tanh u, dy/dx = ½(1 + t) + ½x(1 − t²)·√(2/π)(1 + 0.134145x²).
/// </summary>
/// <remarks>Hendrycks and Gimpel, "Gaussian error linear units (GELUs)", 2016.</remarks>
public sealed unsafe class Gelu : Operation
{
    private Tensor _x = null!;
    private GeluForm _form;

    /// <summary>Applies the function to each element.</summary>
    /// <param name="tape">Records the operation.</param>
    /// <param name="x">Any shape.</param>
    /// <param name="form">Which formula.</param>
    /// <returns>The same shape.</returns>
    /// <exception cref="ArgumentException">A tensor was made on another tape, or before this one was reset.</exception>
    public static Tensor Apply(Tape tape, Tensor x, GeluForm form)
    {
        ArgumentNullException.ThrowIfNull(tape);
        tape.RequireOwn(x);
        Tensor y = tape.Create(x.Shape);
        tape.Pool.ForRows(
            x.Shape.Rows, x.Shape.Columns,
            new ForwardRows { X = x.DataPointer, Y = y.DataPointer, Columns = x.Shape.Columns, Form = form });
        if (tape.Records)
        {
            var operation = tape.Record<Gelu>(y);
            (operation._x, operation._form) = (x, form);
        }

        return y;
    }

    internal override void Backward(Tape tape)
    {
        float* dx = _x.GradientToWrite(out bool accumulate);
        tape.Pool.ForRows(
            _x.Shape.Rows, _x.Shape.Columns,
            new BackwardRows
            {
                X = _x.DataPointer, Dy = Output.GradientPointer, Dx = dx,
                Columns = _x.Shape.Columns, Form = _form, Accumulate = accumulate,
            });
    }

    private struct ForwardRows : IRowWork
    {
        public float* X, Y;
        public int Columns;
        public GeluForm Form;

        public readonly void Run(int from, int to)
        {
            long start = (long)from * Columns, count = (long)(to - from) * Columns;
            if (Form == GeluForm.Exact)
            {
                Elementwise.Map<ExactForward>(X + start, Y + start, count);
            }
            else
            {
                Elementwise.Map<TanhForward>(X + start, Y + start, count);
            }
        }
    }

    private struct BackwardRows : IRowWork
    {
        public float* X, Dy, Dx;
        public int Columns;
        public GeluForm Form;
        public bool Accumulate;

        public readonly void Run(int from, int to)
        {
            long start = (long)from * Columns, count = (long)(to - from) * Columns;
            if (Form == GeluForm.Exact)
            {
                Elementwise.WriteOrAdd<ExactBackward>(X + start, Dy + start, Dx + start, count, Accumulate);
            }
            else
            {
                Elementwise.WriteOrAdd<TanhBackward>(X + start, Dy + start, Dx + start, count, Accumulate);
            }
        }
    }

    /// <summary>
    /// Where x is held before it is multiplied. Beyond ±15 Φ and tanh are 0 or ±1 and φ is 0 to the last bit, so no finite result
    /// changes, but 0·∞ and the overflow of x³ do not become NaN. NaN stays itself: its comparisons are false.
    /// </summary>
    private static class GeluRange
    {
        private const float Limit = 15f;

        /// <summary>x, or −15 when it is below.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> FromBelow(Vector512<float> x)
        {
            Vector512<float> least = Vector512.Create(-Limit);
            return Vector512.ConditionalSelect(Vector512.LessThan(x, least), least, x);
        }

        /// <summary>x, held between −15 and 15.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> Both(Vector512<float> x)
        {
            Vector512<float> most = Vector512.Create(Limit);
            return Vector512.ConditionalSelect(Vector512.GreaterThan(x, most), most, FromBelow(x));
        }
    }

    internal readonly struct ExactForward : IUnaryFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> Invoke(Vector512<float> x) => GeluRange.FromBelow(x) * Phi(x);

        /// <summary>Φ(x).</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> Phi(Vector512<float> x)
        {
            Vector512<float> half = Vector512.Create(0.5f);
            return Vector512.FusedMultiplyAdd(VectorMath.Erf(x * Vector512.Create(0.70710678f)), half, half);
        }
    }

    internal readonly struct ExactBackward : IBinaryFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> Invoke(Vector512<float> x, Vector512<float> dy)
        {
            x = GeluRange.Both(x);
            Vector512<float> density = VectorMath.Exp(x * x * Vector512.Create(-0.5f)) * Vector512.Create(0.39894228f);
            return dy * Vector512.FusedMultiplyAdd(x, density, ExactForward.Phi(x));
        }
    }

    internal readonly struct TanhForward : IUnaryFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> Invoke(Vector512<float> x)
        {
            Vector512<float> halfX = GeluRange.FromBelow(x) * Vector512.Create(0.5f);
            return Vector512.FusedMultiplyAdd(halfX, TanhOfCubic(x), halfX);
        }

        /// <summary>tanh(√(2/π)(x + 0.044715x³)).</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> TanhOfCubic(Vector512<float> x)
        {
            Vector512<float> inner = Vector512.FusedMultiplyAdd(
                x * x, Vector512.Create(0.79788456f * 0.044715f), Vector512.Create(0.79788456f));
            return VectorMath.Tanh(inner * x);
        }
    }

    internal readonly struct TanhBackward : IBinaryFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> Invoke(Vector512<float> x, Vector512<float> dy)
        {
            x = GeluRange.Both(x);
            Vector512<float> half = Vector512.Create(0.5f);
            Vector512<float> t = TanhForward.TanhOfCubic(x);
            Vector512<float> slope = Vector512.FusedMultiplyAdd(
                x * x, Vector512.Create(3f * 0.79788456f * 0.044715f), Vector512.Create(0.79788456f));
            Vector512<float> sech = Vector512<float>.One - (t * t);
            return dy * Vector512.FusedMultiplyAdd(half * x * sech, slope, Vector512.FusedMultiplyAdd(half, t, half));
        }
    }
}
