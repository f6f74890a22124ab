using Habla.Storage;

namespace Habla.Tests.Storage;

public sealed class HashedFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(200_000)]
    public void The_hash_is_that_of_the_bytes_on_disk(int length)
    {
        byte[] bytes = [.. Enumerable.Range(0, length).Select(i => (byte)(i * 31))];
        string path = _folder.In("file");
        File.WriteAllText(path, "what was there before");
        string hash = HashedFile.Write(path, stream =>
        {
            stream.Write(bytes, 0, length / 2);
            stream.Write(bytes.AsSpan(length / 2));
        });
        Assert.Equal(bytes, File.ReadAllBytes(path));
        Assert.Equal(ContentHash.OfFile(path), hash);
    }

    [Fact]
    public void A_folder_can_be_flushed_and_one_that_is_not_there_is_no_error()
    {
        FolderSync.Flush(_folder.Path);
        FolderSync.Flush(_folder.In("nowhere"));
    }

    [Fact]
    public void A_file_in_the_way_is_an_error()
    {
        Directory.CreateDirectory(_folder.In("file"));
        Assert.Throws<UnauthorizedAccessException>(() => HashedFile.Write(_folder.In("file"), _ => { }));
    }
}
