using System.Runtime.ExceptionServices;

namespace Habla.Ingestion;

/// <summary>The items of an <see cref="OrderedWork"/>, one drawn ahead; an error ends them and is kept for its turn.</summary>
internal sealed class WorkSource<TItem>(IEnumerable<TItem> items) : IDisposable
{
    private readonly IEnumerator<TItem> _items = items.GetEnumerator();

    /// <summary>The item that was drawn last.</summary>
    public TItem Next => _items.Current;

    /// <summary>What ended the items before their time.</summary>
    public ExceptionDispatchInfo? Error { get; private set; }

    /// <summary>Draws the next item; false when there is none.</summary>
    public bool Draw()
    {
        try
        {
            return _items.MoveNext();
        }
        catch (Exception error)
        {
            Error = ExceptionDispatchInfo.Capture(error);
            return false;
        }
    }

    public void Dispose() => _items.Dispose();
}
