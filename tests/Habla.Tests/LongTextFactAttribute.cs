namespace Habla.Tests;

/// <summary>A test on a megabyte of real text, which is not committed: skipped where the text does not lie beside the checkout.</summary>
internal sealed class LongTextFactAttribute : FactAttribute
{
    public static string TextPath { get; } = Path.GetFullPath(Path.Combine(Repository.Root, "..", "shared", "data", "tinyshakespeare.txt"));

    public LongTextFactAttribute()
    {
        if (!File.Exists(TextPath))
        {
            Skip = $"the text of TinyShakespeare is not at {TextPath}";
        }
    }
}
