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

    /// <summary>
    /// Without recursion: a page may have a hundred thousand elements within each other. And never from an element to the one beside it,
    /// which the library finds by counting through all of them.
    /// </summary>
    private static void Walk(INode? root, TextLayout layout, CancellationToken stop)
    {
        var around = new Stack<HtmlFrame>();
        int exact = 0, lists = 0;
        Step(root);
        while (around.TryPeek(out HtmlFrame? frame))
        {
            stop.ThrowIfCancellationRequested();
            if (frame.Next() is { } child)
            {
                Step(child);
                continue;
            }

            around.Pop();
            exact -= IsExact(frame.Node) ? 1 : 0;
            lists -= IsList(frame.Node) ? 1 : 0;
            Leave(frame.Node, layout, lists);
        }

        void Step(INode? node)
        {
            if (node is not null && Enter(node, around.TryPeek(out HtmlFrame? parent) ? parent : null, layout, exact > 0, lists))
            {
                around.Push(new HtmlFrame(node));
                exact += IsExact(node) ? 1 : 0;
                lists += IsList(node) ? 1 : 0;
            }
            else if (node is not null)
            {
                Leave(node, layout, lists);
            }
        }
    }

    /// <summary>What stands before an element's content.</summary>
    /// <returns>Whether its content is text that one reads.</returns>
    private static bool Enter(INode node, HtmlFrame? parent, TextLayout layout, bool exactly, int lists)
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
                layout.Lead(Mark(parent, lists));
                break;
            case "td" or "th" when parent?.Elements > 1:
                layout.Lead("\t");
                break;
            default:
                layout.Break(BlankLines(element, lists), IsBlock(element, lists));
                break;
        }

        return !IsNoise(element);
    }

    private static void Leave(INode node, TextLayout layout, int lists)
    {
        if (node is IElement element && (element.LocalName == "li" || IsBlock(element, lists)))
        {
            layout.Break(BlankLines(element, lists), true);
        }

        // The mark of an empty item and the tabs before empty cells belong to no text that follows.
        if (node is IElement { LocalName: "li" or "tr" })
        {
            layout.DropLead();
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

    private static bool IsList(INode node) => node is IElement { LocalName: "ul" or "ol" };

    private static bool IsBlock(IElement element, int lists) => BlankLines(element, lists) > 0 || element.LocalName is
        "div" or "tr" or "section" or "article" or "header" or "footer" or "main" or "aside" or "figcaption" or "dt" or "dd" or "address"
        or "summary" or "fieldset" or "legend" or "body" or "center" or "caption" or "form" or "option";

    private static int BlankLines(IElement element, int lists) => element.LocalName switch
    {
        "p" or "h1" or "h2" or "h3" or "h4" or "h5" or "h6" or "pre" or "blockquote" or "table"
            or "dl" or "hr" or "figure" or "details" => 1,
        "ul" or "ol" when lists == 0 => 1,
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

    /// <summary>What stands before an item: how many lists are around it is shown up to 20, and one may have lost its list.</summary>
    private static string Mark(HtmlFrame? list, int lists)
    {
        string indent = new(' ', 2 * (Math.Clamp(lists, 1, 20) - 1));
        return list?.Node is not IElement { LocalName: "ol" } ordered ? indent + "- "
            : string.Create(CultureInfo.InvariantCulture, $"{indent}{First(ordered) + list.Items - 1}. ");
    }

    private static long First(IElement list) =>
        int.TryParse(list.GetAttribute("start"), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int start) ? start : 1;
}
