using System.Text;
using Habla.BytePairs;
using Habla.Data;
using Habla.Data.Shards;

namespace Habla.Tests.Data;

public sealed class TextFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_text_in_another_encoding_is_refused_alike_wherever_it_is_read()
    {
        string path = _folder.In("latin1.txt");
        File.WriteAllBytes(path, Encoding.Latin1.GetBytes("el camión azul"));
        Assert.All(Readers(), read =>
        {
            string message = Assert.Throws<InvalidInputException>(() => read(path)).Message;
            Assert.StartsWith($"{path}: not UTF-8", message, StringComparison.Ordinal);
            Assert.Contains("habla ingest", message, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void A_folder_of_plain_files_is_to_be_ingested_first()
    {
        File.WriteAllText(_folder.In("a.txt"), "text");
        Assert.All(Readers(), read => Assert.Contains(
            $"run habla ingest {_folder.Path} --out DIR first",
            Assert.Throws<InvalidInputException>(() => read(_folder.Path)).Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Bytes_are_passed_on_as_they_are_however_characters_are_cut()
    {
        byte[] text = Encoding.UTF8.GetBytes("\uFEFFaéñ漢😀z");
        for (int size = 1; size <= text.Length + 1; size++)
        {
            Assert.Equal(text, Read(text, size));
            Assert.Throws<InvalidInputException>(() => Read(text[..^2], size)); // ends within the emoji
            Assert.Throws<InvalidInputException>(() => Read([.. text, 0x80, (byte)'a'], size));
        }
    }

    private static Action<string>[] Readers() =>
    [
        path => TextFile.Read(path),
        path => TrainingTextFiles.Read([path]),
        path => Assert.NotEmpty(SourceTexts.Read([path])),
        path => new TrainingBytes().Count(new ByteLevelTrainer(new ByteLevelTrainerOptions { VocabularySize = 300 }), [path]),
    ];

    private static byte[] Read(byte[] bytes, int size)
    {
        using var stream = new Utf8Stream(new MemoryStream(bytes), "x");
        using var copy = new MemoryStream();
        stream.CopyTo(copy, size);
        return copy.ToArray();
    }
}
