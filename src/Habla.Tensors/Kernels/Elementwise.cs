using System.Runtime.Intrinsics;

namespace Habla.Tensors.Kernels;

/// <summary>A function of two vectors.</summary>
internal interface IBinaryFunction
{
    static abstract Vector512<float> Invoke(Vector512<float> x, Vector512<float> y);
}

/// <summary>Loops over arrays; what happens to each element is a type parameter, so each loop is written once.</summary>
internal static unsafe class Elementwise
{
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

    /// <summary>y = f(x) and slope = f′(x). The slopes may take the place of x.</summary>
    public static void MapWithSlope<TFunction>(float* x, float* y, float* slopes, long count)
        where TFunction : struct, ISlopedFunction
    {
        long i = 0;
        for (; i <= count - Lanes.Count; i += Lanes.Count)
        {
            TFunction.Invoke(Vector512.Load(x + i), out Vector512<float> value, out Vector512<float> slope);
            value.Store(y + i);
            slope.Store(slopes + i);
        }

        int rest = (int)(count - i);
        if (rest > 0)
        {
            TFunction.Invoke(Lanes.LoadPartial(x + i, rest), out Vector512<float> value, out Vector512<float> slope);
            Lanes.StorePartial(value, y + i, rest);
            Lanes.StorePartial(slope, slopes + i, rest);
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

    /// <summary>x + y.</summary>
    internal readonly struct Sum : IBinaryFunction
    {
        public static Vector512<float> Invoke(Vector512<float> x, Vector512<float> y) => x + y;
    }

    /// <summary>x·y.</summary>
    internal readonly struct Product : IBinaryFunction
    {
        public static Vector512<float> Invoke(Vector512<float> x, Vector512<float> y) => x * y;
    }
}
