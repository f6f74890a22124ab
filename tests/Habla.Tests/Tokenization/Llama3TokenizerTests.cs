using System.Text.Json.Nodes;
using Habla.BytePairs;
using Habla.Interchange;
using Habla.Interchange.Gguf;
using Habla.Interchange.HuggingFace;
using Habla.Modeling;
using Habla.Runs;
using Habla.Tests.Interchange;
using Habla.Tokenization;

namespace Habla.Tests.Tokenization;

/// <summary>Tokenizers of Llama 3's shape: words that stand in the vocabulary are taken whole, and a template begins a text.</summary>
public sealed class Llama3TokenizerTests : IDisposable
{
    private const string Text = "the cat and the dog, the cat's hat and the dog's mat\nthat is that, said the cat\n¿qué? ¡el gato!\n";

    private static readonly JsonObject _file = Llama3File.Make(Text, 30);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_word_of_the_vocabulary_is_taken_whole_and_only_a_whole_one()
    {
        ByteLevelTokenizer whole = Load(_ => { });
        ByteLevelTokenizer ruled = Load(file => file["model"]!["ignore_merges"] = false);
        Assert.Equal((true, false, SplitPattern.Gpt4), (whole.TakesWholePieces, ruled.TakesWholePieces, whole.Pattern));
        foreach (string word in Llama3File.Whole.Where(word => SplitPattern.Gpt4.NextPiece(Bytes(word)) == Bytes(word).Length))
        {
            int id = Assert.Single(whole.Encode(word).Ids);
            Assert.Equal(word, whole.Decode([id]));
            Assert.Equal([id], whole.Encode(word).Ids); // from the cache
            Assert.True(ruled.Encode(word).Ids.Length > 1, word);
        }

        Assert.Equal(ruled.Encode("the zebras extraordinary").Ids, whole.Encode("the zebras extraordinary").Ids);
        Assert.Equal(ruled.Encode(Text).Ids, whole.Encode(Text).Ids); // every piece that was learned is what its rules lead to
        Assert.Equal("zebra\0", whole.Decode(whole.Encode("zebra\0").Ids));
    }

    [Fact]
    public void The_templates_token_begins_texts_whatever_its_name()
    {
        ByteLevelTokenizer tokenizer = Load(_ => { });
        Assert.Equal(Llama3File.Begin, tokenizer.Piece(tokenizer.BosId));
        Assert.Equal(Llama3File.End, tokenizer.Piece(tokenizer.EosId));
        Assert.True(tokenizer.BeginsTexts);
        Assert.DoesNotContain(tokenizer.BosId, tokenizer.Encode(Text).Ids);

        string renamed = _file.ToJsonString().Replace("begin_of_text", "start", StringComparison.Ordinal);
        ByteLevelTokenizer other = Load(JsonNode.Parse(renamed)!.AsObject());
        Assert.Equal((true, tokenizer.BosId, "<|start|>"), (other.BeginsTexts, other.BosId, other.Piece(other.BosId)));

        ByteLevelTokenizer none = Load(file => file["post_processor"] = file["post_processor"]!["processors"]![0]!.DeepClone());
        Assert.Equal((false, tokenizer.BosId), (none.BeginsTexts, none.BosId));
    }

    [Theory]
    [InlineData("\"single\":[{\"SpecialToken\"", "\"single\":[{\"Sequence\":{\"id\":\"A\",\"type_id\":0}},{\"SpecialToken\"")]
    [InlineData("\"type\":\"TemplateProcessing\"", "\"type\":\"RobertaProcessing\"")]
    [InlineData("\"ids\":[293]", "\"ids\":[293,294]")]
    [InlineData("\"ids\":[293]", "\"ids\":[5]")]
    [InlineData("\"special_tokens\":{\"<|begin", "\"special_tokens\":{\"<|other")]
    public void A_template_that_does_more_is_refused(string before, string after)
    {
        string json = _file.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        Assert.Contains(before, json);
        string path = _folder.In("changed.json");
        File.WriteAllText(path, json.Replace(before, after, StringComparison.Ordinal));
        var error = Assert.Throws<InvalidInputException>(() => Tokenizer.Load(path));
        Assert.StartsWith(path, error.Message);
        Assert.Contains("'post_processor'", error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void A_tokenizer_that_was_put_together_says_in_its_file_that_it_takes_words_whole()
    {
        ByteLevelTokenizer read = Load(_ => { });
        var made = new ByteLevelTokenizer(read.Vocabulary, read.Pattern, read.AddedTokens, takesWholePieces: true);
        made.Save(_folder.In("made.json"));
        var again = (ByteLevelTokenizer)Tokenizer.Load(_folder.In("made.json"));
        Assert.True(again.TakesWholePieces);
        Assert.Equal(read.Encode(" extraordinarily").Ids, again.Encode(" extraordinarily").Ids);
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData("""{"bos_token": "<|begin_of_text|>"}""", true)]
    [InlineData("""{"add_bos_token": false}""", false)]
    public void A_model_with_it_comes_leaves_and_comes_again(string? settings, bool begins)
    {
        string folder = _folder.In("there"), back = _folder.In("back"), model = _folder.In("model");
        ByteLevelTokenizer tokenizer = Load(_ => { });
        using Gpt drawn = new(ForeignModels.SmallLlama with { VocabularySize = tokenizer.VocabularySize });
        HuggingFaceExport.Write(folder, new PortableModel(drawn, tokenizer, BeginsText: true));
        File.Delete(Path.Combine(folder, "tokenizer_config.json"));
        if (settings is not null)
        {
            File.WriteAllText(Path.Combine(folder, "tokenizer_config.json"), settings);
        }

        (PortableModel portable, ModelSource source) = HuggingFaceImport.Read(folder);
        using Gpt first = portable.Model;
        Assert.Equal((begins, tokenizer.Fingerprint), (portable.BeginsText, portable.Tokenizer.Fingerprint));
        ModelFolder.Write(model, portable, source);
        using (var saved = SavedModel.Open(model))
        {
            Assert.Equal(begins ? tokenizer.BosId : null, saved.BeginId);
            Assert.Equal(tokenizer.EosId, saved.EndId);
        }

        HuggingFaceExport.Write(back, portable);
        PortableModel again = HuggingFaceImport.Read(back).Model;
        using Gpt second = again.Model;
        Assert.Equal((begins, tokenizer.Fingerprint), (again.BeginsText, again.Tokenizer.Fingerprint));
    }

    [Theory]
    [InlineData("""{"bos_token": "<|eot_id|>", "eos_token": "<|eot_id|>", "pad_token": "<|reserved_special_token_0|>"}""", 3, 2)]
    [InlineData("""{"eos_token": {"content": "<|eot_id|>", "lstrip": false}}""", 3, null)]
    [InlineData("""{"eos_token": null, "pad_token": "no such token"}""", 1, null)]
    public void The_settings_name_the_tokens_that_end_texts_and_fill_up(string settings, int end, int? pad)
    {
        string folder = _folder.In("there"), model = _folder.In("model");
        ByteLevelTokenizer tokenizer = Load(_ => { });
        using Gpt drawn = new(ForeignModels.SmallLlama with { VocabularySize = tokenizer.VocabularySize });
        HuggingFaceExport.Write(folder, new PortableModel(drawn, tokenizer, BeginsText: true));
        File.WriteAllText(Path.Combine(folder, "tokenizer_config.json"), settings);
        (PortableModel portable, ModelSource source) = HuggingFaceImport.Read(folder);
        using Gpt read = portable.Model;
        int begin = tokenizer.BosId; // the template's, whatever the settings name
        ModelFolder.Write(model, portable, source);
        using var saved = SavedModel.Open(model);
        Assert.Equal((begin, begin + end), (saved.BeginId, saved.EndId));
        HuggingFaceExport.Write(_folder.In("back"), new PortableModel(saved.Model, saved.Tokenizer, saved.BeginsWithBos));
        PortableModel again = HuggingFaceImport.Read(_folder.In("back")).Model;
        again.Model.Dispose();
        foreach (Tokenizer one in (Tokenizer[])[portable.Tokenizer, saved.Tokenizer, again.Tokenizer])
        {
            Assert.Equal((begin, begin + end, pad is null ? -1 : begin + pad), (one.BosId, one.EosId, one.PadId));
            Assert.Equal(tokenizer.Fingerprint, one.Fingerprint);
        }
    }

    [Fact]
    public void Gguf_calls_its_way_of_cutting_llama_bpe()
    {
        Assert.Equal("llama-bpe", Cut(Load(_ => { })));
        Assert.Equal("dbrx", Cut(Load(file => file["model"]!["ignore_merges"] = false)));
        JsonNode? alone = JsonNode.Parse("""{"type": "ByteLevel", "add_prefix_space": false}""");
        ByteLevelTokenizer gpt2 = Load(file => file["pre_tokenizer"] = alone);
        Assert.Contains("--to hf", Assert.Throws<InvalidInputException>(() => Cut(gpt2)).Message, StringComparison.Ordinal);
    }

    private object Cut(ByteLevelTokenizer tokenizer)
    {
        using Gpt model = new(ForeignModels.SmallLlama with { VocabularySize = tokenizer.VocabularySize });
        GgufExport.Write(_folder.In("model.gguf"), new PortableModel(model, tokenizer, BeginsText: true), GgufType.F32, "test");
        var file = new GgufReader(_folder.In("model.gguf"));
        Assert.Equal((uint)tokenizer.BosId, file.Metadata["tokenizer.ggml.bos_token_id"]);
        return file.Metadata["tokenizer.ggml.pre"];
    }

    private static byte[] Bytes(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    private ByteLevelTokenizer Load(Action<JsonObject> change)
    {
        JsonObject file = _file.DeepClone().AsObject();
        change(file);
        return Load(file);
    }

    private ByteLevelTokenizer Load(JsonObject file)
    {
        string path = _folder.In("tokenizer.json");
        File.WriteAllText(path, file.ToJsonString());
        return (ByteLevelTokenizer)Tokenizer.Load(path);
    }
}
