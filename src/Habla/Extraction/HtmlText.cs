using System.Globalization;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;

namespace Habla.Extraction;

/// <summary>
/// The text of a web page as one would read it: blocks on lines of their own, cells of a table with tabs between them, items of a list with
/// a mark. Scripts, styles, menus and forms are no text.
/// </summary>
internal static class HtmlText
{
    /// <summary>The library that takes pages apart, with its version.</summary>
    public static string Library { get; } = Extractors.Library("AngleSharp", typeof(HtmlParser));

    /// <summary>The text of a page.</summary>
    /// <param name="html">The page or a piece of one.</param>
    /// <param name="mostCharacters">The most text that it may give.</param>
    /// <param name="stop">Ends it early.</param>
    public static string Of(string html, long mostCharacters, CancellationToken stop)
    {
        using IDocument page = new HtmlParser().ParseDocument(html);
        var layout = new TextLayout(mostCharacters);
        Walk(page.Body, layout, stop);
        string text = layout.ToString();
        string title = string.Join(' ', (page.Title ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return title.Length == 0 || text.StartsWith(title, StringComparison.Ordinal) ? text
            : text.Length == 0 ? title
            : $"{title}\n\n{text}";
    }

    /// <summary>Without recursion: a page may have a hundred thousand elements within each other.</summary>
    private static void Walk(INode? root, TextLayout layout, CancellationToken stop)
    {
        int exact = 0;
        for (INode? node = root; node is not null;)
        {
            stop.ThrowIfCancellationRequested();
            exact += IsExact(node) ? 1 : 0;
            if (Enter(node, layout, exact > 0) && node.FirstChild is { } child)
            {
                node = child;
                continue;
            }

            while (node is not null)
            {
                Leave(node, layout);
                exact -= IsExact(node) ? 1 : 0;
                if (node == root)
                {
                    return;
                }

                if (node.NextSibling is { } next)
                {
                    node = next;
                    break;
                }

                node = node.Parent;
            }
        }
    }

    /// <summary>What stands before an element's content.</summary>
    /// <returns>Whether its content is text that one reads.</returns>
    private static bool Enter(INode node, TextLayout layout, bool exactly)
    {
        if (node is IText { Data: var words })
        {
            if (exactly)
            {
                layout.Exactly(TextDecoder.UnixLines(words));
            }
            else
            {
                layout.Words(words);
            }

            return false;
        }

        if (node is not IElement element)
        {
            return false;
        }

        switch (element.LocalName)
        {
            case "br":
                layout.LineEnd();
                break;
            case "li":
                layout.Break();
                layout.Lead(Mark(element));
                break;
            case "td" or "th" when element.PreviousElementSibling is not null:
                layout.Lead("\t");
                break;
            default:
                layout.Break(BlankLines(element), IsBlock(element));
                break;
        }

        return !IsNoise(element);
    }

    private static void Leave(INode node, TextLayout layout)
    {
        if (node is IElement element && (element.LocalName == "li" || IsBlock(element)))
        {
            layout.Break(BlankLines(element), true);
        }
    }

    private static void Break(this TextLayout layout, int blankLines, bool isBlock)
    {
        if (isBlock)
        {
            layout.Break(blankLines);
        }
    }

    private static bool IsExact(INode node) => node is IElement { LocalName: "pre" or "textarea" or "listing" };

    private static bool IsBlock(IElement element) => BlankLines(element) > 0 || element.LocalName is
        "div" or "tr" or "section" or "article" or "header" or "footer" or "main" or "aside" or "figcaption" or "dt" or "dd" or "address"
        or "summary" or "fieldset" or "legend" or "body" or "center" or "caption" or "form" or "option";

    private static int BlankLines(IElement element) => element.LocalName switch
    {
        "p" or "h1" or "h2" or "h3" or "h4" or "h5" or "h6" or "pre" or "blockquote" or "table"
            or "dl" or "hr" or "figure" or "details" => 1,
        "ul" or "ol" when Depth(element) == 0 => 1,
        _ => 0,
    };

    /// <summary>What a browser shows as no text, or as the way to other pages.</summary>
    private static bool IsNoise(IElement element) => element.LocalName is
        "script" or "style" or "nav" or "noscript" or "template" or "svg" or "math" or "iframe" or "object" or "canvas"
            or "video" or "audio"
        or "button" or "select" or "input" or "head" or "title" or "dialog" or "menu"
        || element.HasAttribute("hidden")
        || element.GetAttribute("role") is "navigation" or "menu" or "menubar" or "search"
        || element.GetAttribute("style")?.Replace(" ", "", StringComparison.Ordinal)
            .Contains("display:none", StringComparison.OrdinalIgnoreCase) == true;

    private static string Mark(IElement item)
    {
        string indent = new(' ', 2 * (Depth(item) - 1));
        if (item.ParentElement is not { LocalName: "ol" } list)
        {
            return indent + "- ";
        }

        int first = int.TryParse(list.GetAttribute("start"), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int start)
            ? start : 1;
        int before = 0;
        for (IElement? other = item.PreviousElementSibling; other is not null; other = other.PreviousElementSibling)
        {
            before += other.LocalName == "li" ? 1 : 0;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{indent}{(long)first + before}. ");
    }

    /// <summary>How many lists stand around an element; 20 at most, and at least 1 around an item, which may have lost its list.</summary>
    private static int Depth(IElement element)
    {
        int depth = 0;
        for (IElement? list = element.ParentElement; list is not null && depth < 20; list = list.ParentElement)
        {
            depth += list.LocalName is "ul" or "ol" ? 1 : 0;
        }

        return element.LocalName == "li" ? Math.Max(1, depth) : depth;
    }
}
