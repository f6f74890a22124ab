using System.Runtime.Intrinsics;

namespace Habla.Tensors.Kernels;

/// <summary>A function of one vector.</summary>
internal interface IUnaryFunction
{
    static abstract Vector512<float> Invoke(Vector512<float> x);
}

/// <summary>A function of two vectors.</summary>
internal interface IBinaryFunction
{
    static abstract Vector512<float> Invoke(Vector512<float> x, Vector512<float> y);
}

/// <summary>Loops over arrays; what happens to each element is a type parameter, so each loop is written once.</summary>
internal static unsafe class Elementwise
{
    /// <summary>y = f(x). In place is allowed.</summary>
    public static void Map<TFunction>(float* x, float* y, long count)
        where TFunction : struct, IUnaryFunction
    {
        long i = 0;
        for (; i <= count - Lanes.Count; i += Lanes.Count)
        {
            TFunction.Invoke(Vector512.Load(x + i)).Store(y + i);
        }

        int rest = (int)(count - i);
        if (rest > 0)
        {
            Lanes.StorePartial(TFunction.Invoke(Lanes.LoadPartial(x + i, rest)), y + i, rest);
        }
    }

    /// <summary>z = f(x, y). In place is allowed.</summary>
    public static void Map<TFunction>(float* x, float* y, float* z, long count)
        where TFunction : struct, IBinaryFunction
    {
        long i = 0;
        for (; i <= count - Lanes.Count; i += Lanes.Count)
        {
            TFunction.Invoke(Vector512.Load(x + i), Vector512.Load(y + i)).Store(z + i);
        }

        int rest = (int)(count - i);
        if (rest > 0)
        {
            Lanes.StorePartial(TFunction.Invoke(Lanes.LoadPartial(x + i, rest), Lanes.LoadPartial(y + i, rest)), z + i, rest);
        }
    }

    /// <summary>y = x, or y += x.</summary>
    public static void WriteOrAdd(float* x, float* y, long count, bool accumulate)
    {
        if (accumulate)
        {
            Map<Sum>(y, x, y, count);
        }
        else
        {
            Buffer.MemoryCopy(x, y, count * sizeof(float), count * sizeof(float));
        }
    }

    /// <summary>y = f(x, y'), or y += f(x, y') where y' is a third array.</summary>
    public static void WriteOrAdd<TFunction>(float* x, float* other, float* y, long count, bool accumulate)
        where TFunction : struct, IBinaryFunction
    {
        if (!accumulate)
        {
            Map<TFunction>(x, other, y, count);
            return;
        }

        long i = 0;
        for (; i <= count - Lanes.Count; i += Lanes.Count)
        {
            (Vector512.Load(y + i) + TFunction.Invoke(Vector512.Load(x + i), Vector512.Load(other + i))).Store(y + i);
        }

        int rest = (int)(count - i);
        if (rest > 0)
        {
            Vector512<float> sum = Lanes.LoadPartial(y + i, rest)
                + TFunction.Invoke(Lanes.LoadPartial(x + i, rest), Lanes.LoadPartial(other + i, rest));
            Lanes.StorePartial(sum, y + i, rest);
        }
    }

    /// <summary>x + y.</summary>
    internal readonly struct Sum : IBinaryFunction
    {
        public static Vector512<float> Invoke(Vector512<float> x, Vector512<float> y) => x + y;
    }
}
