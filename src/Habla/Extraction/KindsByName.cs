using System.Collections.Frozen;

namespace Habla.Extraction;

/// <summary>What a file is by its name. What its content says comes first: see <see cref="KindDetector"/>.</summary>
internal static class KindsByName
{
    private static readonly FrozenDictionary<string, string> s_kinds = Table(
        (Kinds.Text, ".txt .text .log .rst .tex .ltx .bib .org .adoc .asciidoc .textile .pod .srt .vtt .nfo .diff .patch"),
        (Kinds.Markdown, ".md .markdown .mdown .mkd .mdx"),
        (Kinds.Html, ".html .htm .xhtml .xht"),
        (Kinds.Code, """
            .c .h .cc .cpp .cxx .hh .hpp .cs .fs .fsx .vb .java .kt .kts .scala .groovy .clj .go .rs .zig .swift .m .mm .d .nim
            .py .pyi .rb .pl .pm .php .lua .r .jl .js .mjs .cjs .jsx .ts .tsx .vue .svelte .dart
            .sh .bash .zsh .fish .ps1 .bat .cmd .sql .hs .ml .mli .erl .ex .exs .lisp .el .scm .f .f90 .pas .asm .s .v .vhd .sv
            .css .scss .less .xml .xsd .xsl .yaml .yml .toml .ini .cfg .conf .gradle .cmake .mk .proto .graphql .tf
            .csproj .fsproj .props .targets .slnx .cshtml .razor .xaml
            """),
        (Kinds.Csv, ".csv"),
        (Kinds.Tsv, ".tsv .tab"),
        (Kinds.Json, ".json"),
        (Kinds.JsonLines, ".jsonl .ndjson"),
        (Kinds.Pdf, ".pdf"),
        (Kinds.Image, ".png .jpg .jpeg .gif .bmp .tif .tiff .webp"),
        (Kinds.Epub, ".epub"),
        (Kinds.Docx, ".docx .docm .dotx"),
        (Kinds.Pptx, ".pptx .pptm .ppsx"),
        (Kinds.Xlsx, ".xlsx .xlsm"),
        (Kinds.Gzip, ".gz .tgz"),
        (Kinds.Zip, ".zip"),
        (Kinds.Tar, ".tar"));

    private static readonly FrozenSet<string> s_codeNames = FrozenSet.ToFrozenSet(
        ["makefile", "gnumakefile", "dockerfile", "jenkinsfile", "rakefile", "gemfile", "cmakelists.txt", ".gitignore", ".editorconfig"],
        StringComparer.OrdinalIgnoreCase);

    /// <summary>The kind that a name promises; null when it promises none.</summary>
    public static string? Find(string name)
    {
        string file = Path.GetFileName(name);
        return s_codeNames.Contains(file) ? Kinds.Code : s_kinds.GetValueOrDefault(Path.GetExtension(file));
    }

    private static FrozenDictionary<string, string> Table(params (string Kind, string Extensions)[] rows) =>
        rows.SelectMany(row => row.Extensions.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
            .Select(extension => KeyValuePair.Create(extension, row.Kind)))
            .ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
}
