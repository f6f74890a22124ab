using Habla.Storage;

namespace Habla.Tests.Storage;

public sealed class WriteAdviceTests
{
    [Fact]
    public void Space_is_asked_for_only_where_it_is_short()
    {
        Assert.Contains("free some space", WriteAdvice.For(new IOException("No space left on device", 28)), StringComparison.Ordinal);
        Assert.DoesNotContain("space", WriteAdvice.For(new IOException("Is a directory", 21)), StringComparison.Ordinal);
        Assert.Contains("permissions", WriteAdvice.For(new UnauthorizedAccessException()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_in_the_way_of_a_file_is_no_full_disk()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.In("taken"));

        string message = Assert.Throws<InvalidInputException>(() => AtomicFile.WriteText(folder.In("taken"), "text")).Message;

        Assert.Contains("choose another place", message, StringComparison.Ordinal);
        Assert.DoesNotContain("space", message, StringComparison.Ordinal);
    }
}
