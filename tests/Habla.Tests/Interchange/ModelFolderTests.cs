using Habla.Interchange;
using Habla.Interchange.HuggingFace;
using Habla.Modeling;
using Habla.Runs;
using Habla.Storage;

namespace Habla.Tests.Interchange;

/// <summary>The folder that an import leaves opens as a model like any other, and nothing in the way is overwritten.</summary>
public sealed class ModelFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void It_opens_and_tells_where_it_came_from(bool beginsText)
    {
        using Gpt model = Import(beginsText, out ModelSource source);
        string hash = ModelFolder.Write(
            _folder.In("model"), new PortableModel(model, ForeignModels.Characters(13, beginsText), beginsText), source);
        using SavedModel saved = SavedModel.Open(_folder.In("model"));
        ForeignModels.AssertSameWeights(model, saved.Model);
        Assert.Equal(beginsText, saved.BeginsWithBos);
        Assert.Equal(hash, ContentHash.OfFile(saved.WeightsFile));
        string readme = File.ReadAllText(_folder.In("model/README.md")), json = File.ReadAllText(_folder.In("model/import.json"));
        Assert.All(source.Files, file =>
        {
            Assert.Contains(file.Sha256, readme, StringComparison.Ordinal);
            Assert.Contains(file.Sha256, json, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void Only_an_imported_model_is_replaced_and_only_when_asked()
    {
        using Gpt model = Import(false, out ModelSource source);
        var portable = new PortableModel(model, ForeignModels.Characters(13), BeginsText: false);
        string folder = _folder.In("model");
        Directory.CreateDirectory(folder);
        ModelFolder.Write(folder, portable, source);
        Assert.Contains("--force", Refused(folder, false), StringComparison.Ordinal);
        ModelFolder.Write(folder, portable, source, replace: true);

        File.Delete(Path.Combine(folder, ModelFolder.SourceFile));
        Assert.Contains("is not empty", Refused(folder, true), StringComparison.Ordinal);
        Assert.Contains("is a file", Refused(_folder.In("model/README.md"), true), StringComparison.Ordinal);
    }

    [Fact]
    public void A_replacement_that_fails_leaves_no_mixture_of_two_models()
    {
        using Gpt model = Import(false, out ModelSource source);
        var portable = new PortableModel(model, ForeignModels.Characters(13), BeginsText: false);
        string folder = _folder.In("model"), readme = Path.Combine(folder, "README.md");
        ModelFolder.Write(folder, portable, source);
        File.Delete(readme);
        Directory.CreateDirectory(readme);
        Assert.Throws<InvalidInputException>(() => ModelFolder.Write(folder, portable, source, replace: true));
        Assert.False(File.Exists(Path.Combine(folder, "weights.safetensors")));
        Directory.Delete(readme);
        ModelFolder.Write(folder, portable, source, replace: true);
        SavedModel.Open(folder).Dispose();
    }

    private static string Refused(string folder, bool replace) =>
        Assert.Throws<InvalidInputException>(() => ModelFolder.RefuseOccupied(folder, replace)).Message;

    private Gpt Import(bool beginsText, out ModelSource source)
    {
        PortableModel drawn = ForeignModels.Drawn(ForeignModels.SmallLlama, beginsText);
        using Gpt exported = drawn.Model;
        HuggingFaceExport.Write(_folder.In("hf"), drawn);
        (PortableModel read, source) = HuggingFaceImport.Read(_folder.In("hf"));
        return read.Model;
    }
}
