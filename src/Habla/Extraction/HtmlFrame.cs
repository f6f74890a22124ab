using AngleSharp.Dom;

namespace Habla.Extraction;

/// <summary>An element that is open while a page is walked: how far its content was gone through, and what was counted in it.</summary>
internal sealed class HtmlFrame(INode node)
{
    private readonly INodeList _content = node.ChildNodes;
    private int _at;

    /// <summary>The element.</summary>
    public INode Node => node;

    /// <summary>How many elements it has up to where the walk is.</summary>
    public int Elements { get; private set; }

    /// <summary>How many items of a list it has up to where the walk is.</summary>
    public int Items { get; private set; }

    /// <summary>The next of its content; null at its end.</summary>
    public INode? Next()
    {
        if (_at >= _content.Length)
        {
            return null;
        }

        INode child = _content[_at++];
        Elements += child is IElement ? 1 : 0;
        Items += child is IElement { LocalName: "li" } ? 1 : 0;
        return child;
    }
}
