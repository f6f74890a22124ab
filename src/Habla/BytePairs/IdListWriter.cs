using System.Buffers;
using System.Runtime.InteropServices;

namespace Habla.BytePairs;

/// <summary>Writes at the end of a list as if it were a buffer, without a copy between.</summary>
internal sealed class IdListWriter(List<int> list) : IBufferWriter<int>
{
    private int _written = list.Count;

    public void Advance(int count) => _written += count;

    public Memory<int> GetMemory(int sizeHint = 0) => throw new NotSupportedException("a list has spans only");

    public Span<int> GetSpan(int sizeHint = 0)
    {
        CollectionsMarshal.SetCount(list, Math.Max(list.Count, _written + Math.Max(sizeHint, 1)));
        return CollectionsMarshal.AsSpan(list)[_written..];
    }

    /// <summary>Cuts off the room that was asked for and not used.</summary>
    public void Close() => CollectionsMarshal.SetCount(list, _written);
}
