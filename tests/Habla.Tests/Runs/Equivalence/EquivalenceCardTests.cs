using System.Text.Json;
using Habla.Checkpoints;
using Habla.Interchange;
using Habla.Interchange.Gguf;
using Habla.Modeling;
using Habla.Runs;
using Habla.Runs.Equivalence;
using Habla.Tensors.Threading;
using Habla.Tests.Training;
using Habla.Tokenization;

namespace Habla.Tests.Runs.Equivalence;

public sealed class EquivalenceCardTests(RecordedSample sample) : IClassFixture<RecordedSample>
{
    [Fact]
    public void A_run_is_measured_on_its_validation_data()
    {
        using SavedModel model = SavedModel.Open(sample.Run);
        var heard = new List<EquivalenceRow>();
        var card = EquivalenceCard.Measure(model, null, 50, WorkerPool.Serial, heard.Add);

        Assert.Equal((50, 42, true), (card.Tokens, card.PastContext, card.Holds));
        Assert.Equal(heard, card.Rows);
        Assert.Equal([sample.Text], card.DataSha256.Keys);
        Assert.Equal(model.Run!.Manifest.WeightsSha256, card.WeightsSha256);
        Assert.Equal(0, Row(card, "no cache").ChangedLogits);
        Assert.All(card.Rows.Where(row => row.Name.StartsWith("GGUF", StringComparison.Ordinal)), row =>
        {
            Assert.Null(row.Difference);
            Assert.Contains("minigpt", row.WhyNot, StringComparison.Ordinal);
        });
        LogitDifference half = Row(card, "weights float16"), eighth = Row(card, "weights q8_0");
        Assert.True(half.ChangedLogits > 0);
        Assert.InRange(half.LargestLogitDifference, 1e-9, eighth.LargestLogitDifference);
        Assert.Equal(half.PerplexityBefore, eighth.PerplexityBefore);
    }

    [Fact]
    public void What_llama_cpp_reads_is_the_model_and_its_smaller_numbers_are_those_that_are_run_here()
    {
        using SavedModel model = SavedModel.Open(Gpt2Folder());
        var card = EquivalenceCard.Measure(model, sample.Text, 60, WorkerPool.Serial);

        Assert.Equal(0, Row(card, "GGUF f32").ChangedLogits);
        Assert.Equal(0, Row(card, "Hugging Face").ChangedLogits);
        Assert.Equal(Row(card, "weights float16"), Row(card, "GGUF f16"));
        Assert.Equal(Row(card, "weights q8_0"), Row(card, "GGUF q8_0"));
        Assert.True(Row(card, "GGUF q8_0").ChangedLogits > 0);
    }

    [Fact]
    public void A_card_is_a_page_and_a_file_of_figures()
    {
        using SavedModel model = SavedModel.Open(sample.Run);
        var card = EquivalenceCard.Measure(model, sample.Text, 10, WorkerPool.Serial);
        EquivalenceRow broken = card.Rows[0] with { Difference = Row(card, "weights q8_0") };
        card = card with { Rows = [broken, .. card.Rows.Skip(1)] };
        string folder = sample.NewName(), page = File.ReadAllText(card.Write(folder));
        using JsonDocument figures = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "card.json")));

        Assert.False(card.Holds);
        Assert.False(figures.RootElement.GetProperty("holds").GetBoolean());
        Assert.Equal(card.Rows.Count, figures.RootElement.GetProperty("rows").GetArrayLength());
        Assert.Contains("| no cache | ", page, StringComparison.Ordinal);
        Assert.Contains("NOT the same bits", page, StringComparison.Ordinal);
        Assert.Contains("does not apply: ", page, StringComparison.Ordinal);
        Assert.Contains(card.WeightsSha256, page, StringComparison.Ordinal);
        Assert.Contains($"- `{sample.Text}`, SHA-256 `{card.DataSha256[sample.Text]}`", page, StringComparison.Ordinal);
        IEnumerable<string> table = page.Replace("\\|", "", StringComparison.Ordinal).Split('\n').Where(line => line.StartsWith('|'));
        Assert.All(table, line => Assert.Equal(8, line.Count(letter => letter == '|')));
    }

    [Fact]
    public void A_file_that_cannot_be_read_back_is_told()
    {
        using SavedModel model = SavedModel.Open(Gpt2Folder());
        string file = sample.NewName();
        GgufExport.Write(file, new PortableModel(model.Model, model.Tokenizer, false), GgufType.F32, "model");
        using var back = new Gpt(model.Model.Config);
        GgufFile.ReadInto(file, back);
        Assert.Equal(ModelFile.HashOf(model.Model), ModelFile.HashOf(back));

        using var deeper = new Gpt(model.Model.Config with { LayerCount = 3 });
        using var wider = new Gpt(model.Model.Config with { FeedForwardWidth = 48 });
        string Refused(Gpt into) => Assert.Throws<InvalidDataException>(() => GgufFile.ReadInto(file, into)).Message;
        Assert.Contains("there is no blk.2.", Refused(deeper), StringComparison.Ordinal);
        Assert.Contains("ffn_up", Refused(wider), StringComparison.Ordinal);
        byte[] bytes = File.ReadAllBytes(file);
        File.WriteAllBytes(file, bytes[..^100]);
        Assert.Contains("cut short", Refused(back), StringComparison.Ordinal);
        File.WriteAllBytes(file, [1, 2, 3, 4, 5, 6, 7, 8]);
        Assert.Contains("GGUF, version 3", Refused(back), StringComparison.Ordinal);
    }

    private static LogitDifference Row(EquivalenceCard card, string name) =>
        Assert.IsType<LogitDifference>(card.Rows.Single(row => row.Name == name).Difference);

    /// <summary>A model of the family gpt2, with rows of whole q8_0 blocks, as importing one leaves it.</summary>
    private string Gpt2Folder()
    {
        string folder = sample.NewName();
        Directory.CreateDirectory(folder);
        Tokenizer tokenizer = TokenizerTrainer.Train(
            new TokenizerOptions { Base = "bytes", VocabularySize = 260 }, new TrainingText(["abab abab"]));
        tokenizer.Save(Path.Combine(folder, "tokenizer.json"));
        using Gpt gpt = TrainingSamples.Model(TrainingSamples.Config(ModelFamily.Gpt2) with
        {
            VocabularySize = tokenizer.VocabularySize, Width = 32, FeedForwardWidth = 64,
        });
        ModelFile.Save(Path.Combine(folder, "weights.safetensors"), gpt);
        return folder;
    }
}
