using Habla.Storage;

namespace Habla.Tests.Storage;

public sealed class ExistingPathTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Finds_the_path_itself_the_folder_around_it_or_the_file_in_the_way()
    {
        File.WriteAllText(_folder.In("file"), "");
        Assert.Equal(_folder.Path, ExistingPath.NearestTo(_folder.Path));
        Assert.Equal(_folder.Path, ExistingPath.NearestTo(_folder.In("not/there")));
        Assert.Equal(_folder.In("file"), ExistingPath.NearestTo(_folder.In("file/within")));
        Assert.Equal("/", ExistingPath.NearestTo($"/{Path.GetRandomFileName()}/run"));
    }
}
