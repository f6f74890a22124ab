using Habla.Tensors.Threading;

namespace Habla.Tensors.Tests.Kernels;

/// <summary>
/// Shares rows among threads however few they are; the engine keeps small work on one thread, where a test learns nothing.
/// </summary>
internal static class SharedRows
{
    public static void Run<TWork>(WorkerPool pool, int rows, in TWork work)
        where TWork : struct, IRowWork => pool.ForRows(rows, floatsPerRow: 1 << 20, work);
}
