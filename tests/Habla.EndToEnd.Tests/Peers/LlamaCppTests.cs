using System.Text.Json;
using System.Text.Json.Nodes;
using Habla.Interchange;
using Habla.Interchange.Gguf;
using Habla.Modeling;
using Habla.Tensors;
using Habla.Tensors.Ops;
using Habla.Tests;
using Habla.Tests.Tokenization;
using Habla.Tokenization;

namespace Habla.EndToEnd.Tests.Peers;

/// <summary>
/// The real llama.cpp reads the GGUF files that Habla writes: the same token ids, the same likeliest tokens, and log-probabilities that
/// differ by what its arithmetic differs (its GELU is a table of float16, and its q8_0 products round activations to 8 bits too).
/// </summary>
public sealed class LlamaCppTests : IDisposable
{
    private const string Peer = "llama-cpp";
    private const int Greedy = 12, Context = 128;

    private static readonly string[] _awkward =
    [
        "don't WON'T I'll  they'VE", "In 2024, 3.14 and 1000000", "a  b   c\n\n\n  d\r\n e ", "naïve ñandú — 漢字かな 👩‍👧 😀",
        "\tint x += y->z;",
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [NodePeerTheory(Peer, leastVersion: 20)]
    [InlineData("gpt2", GgufType.F32, 5e-3)]
    [InlineData("gpt2", GgufType.F16, 3e-2)]
    [InlineData("gpt2", GgufType.Q8, 0.5)]
    [InlineData("llama", GgufType.F32, 5e-3)]
    [InlineData("llama", GgufType.F16, 3e-2)]
    [InlineData("llama", GgufType.Q8, 0.5)]
    [InlineData("llama3", GgufType.F32, 5e-3)]
    public void Log_probabilities_and_the_likeliest_tokens_are_ours(string family, GgufType type, double tolerance)
    {
        Tokenizer tokenizer = Trained("--kind", "bpe", "--base", "bytes", "--pattern", "gpt2", "--vocab-size", "400");
        using Gpt model = Seeded(family, tokenizer.VocabularySize);
        Compare(new PortableModel(model, tokenizer, BeginsText: true), type, ["Shall I compare thee", "When forty winters"], tolerance);
    }

    [NodePeerTheory(Peer, leastVersion: 20)]
    [InlineData("bpe", "bytes", "gpt2", 500)]
    [InlineData("bpe", "bytes", "gpt4", 500)]
    [InlineData("bpe", "chars", null, 300)]
    [InlineData("char", "chars", null, 0)]
    public void Texts_become_the_same_ids(string kind, string start, string? pattern, int vocabularySize)
    {
        Tokenizer tokenizer = Trained(
            ["--kind", kind, "--base", start, .. pattern is null ? Array.Empty<string>() : ["--pattern", pattern],
            "--vocab-size", $"{(vocabularySize > 0 ? vocabularySize : CharacterCount())}"]);
        using Gpt model = Seeded("gpt2", tokenizer.VocabularySize);
        string[] texts = start == "bytes"
            ? _awkward
            : ["Shall I compare thee to a summer's day?\nThou art", "¡Así es! el añejo pingüino — 漢字", "1, 23 and 4567"];
        string file = Export(new PortableModel(model, tokenizer, BeginsText: false), GgufType.F32);
        List<Answer> answers = Ask(file, texts, greedy: 0);
        for (int i = 0; i < texts.Length; i++)
        {
            Assert.Equal(tokenizer.Encode(texts[i]).Ids, answers[i].Ids);
        }
    }

    [NodePeerTheory(Peer, leastVersion: 20)]
    [InlineData(true)]
    [InlineData(false)]
    public void Texts_become_the_same_ids_with_a_tokenizer_of_llama_3s_shape(bool takesWholeWords)
    {
        JsonObject json = Llama3File.Make(File.ReadAllText(Sonnets), 300);
        json["model"]!["ignore_merges"] = takesWholeWords;
        File.WriteAllText(_folder.In("tokenizer.json"), json.ToJsonString());
        var tokenizer = Tokenizer.Load(_folder.In("tokenizer.json"));
        using Gpt model = Seeded("llama3", tokenizer.VocabularySize);
        Compare(
            new PortableModel(model, tokenizer, BeginsText: true), GgufType.F32,
            [.. _awkward, "a zebra extraordinarily like 42 zebras, 漢字 ñandú"], 5e-3);
    }

    [NodePeerTheory(Peer, leastVersion: 20)]
    [InlineData("gpt2")]
    [InlineData("llama")]
    public void A_run_leaves_through_the_command_line(string family)
    {
        string text = TrainingText();
        string[] settings =
        [
            $"model.family={family}", $"data.train_path={text}", "data.kind=windows", "data.val_fraction=0.1", "tokenizer.kind=char",
            $"tokenizer.vocab_size={CharacterCount()}", $"model.vocab_size={CharacterCount()}", "model.n_layer=1", "model.n_head=2",
            "model.d_model=32", "model.d_ff=64", $"model.max_seq_len={Context}", "scheduler.total_steps=30", "scheduler.warmup_steps=2",
        ];
        string recipe = _folder.In("recipe.yaml"), run = _folder.In("run"), file = _folder.In("out/run.gguf");
        File.WriteAllText(recipe, "training: {batch_size: 8}\n");
        string[] changes = [.. settings.SelectMany(one => (string[])["--set", one])];
        HablaProcess.Run(["train", "--config", recipe, "--out", run, "--no-baseline", .. changes]).Expect(0);
        ProcessResult exported = HablaProcess.Run("export", "--run", run, "--to", "gguf", "--out", file, "--json").Expect(0);
        Assert.Equal(file, exported.Json.GetProperty("files")[0].GetString());

        using var trained = Runs.SavedModel.Open(run);
        string[] texts = ["Shall I compare thee to a summer's day?"];
        CompareAnswers(new PortableModel(trained.Model, trained.Tokenizer, BeginsText: false), Ask(file, texts, Greedy), texts, 5e-3);
    }

    private static string Sonnets => Path.Combine(Repository.Root, "data", "sonnets.txt");

    /// <summary>The sonnets, characters that are several bytes long, and digits, each on its own line so that no rule joins them.</summary>
    private string TrainingText()
    {
        string file = _folder.In("text.txt");
        File.WriteAllText(file, File.ReadAllText(Sonnets) + "¡Así es! el añejo pingüino — 漢字\n"
            + string.Concat("0123456789".Select(digit => digit + "\n")));
        return file;
    }

    private int CharacterCount() => File.ReadAllText(TrainingText()).EnumerateRunes().Distinct().Count() + SpecialTokens.All.Count;

    private Tokenizer Trained(params string[] options)
    {
        string file = _folder.In("tokenizer.json");
        HablaProcess.Run(["tokenizer", "train", .. options, "--input", TrainingText(), "--out", file]).Expect(0);
        return Tokenizer.Load(file);
    }

    /// <summary>A model whose weights are large enough that its predictions differ a good deal from token to token.</summary>
    private static Gpt Seeded(string family, int vocabularySize)
    {
        GptConfig config = family switch
        {
            "gpt2" => GptConfig.Gpt2(),
            "llama" => GptConfig.Llama() with { KeyValueHeadCount = 2, NormEpsilon = 1e-6, RotaryBase = 500 },
            _ => GptConfig.Llama() with { RotaryScaling = new RotaryScaling(8, OriginalContext: 64), TieEmbeddings = true },
        };
        var model = new Gpt(config with
        {
            LayerCount = 2, HeadCount = 4, Width = 64, FeedForwardWidth = 160, VocabularySize = vocabularySize, ContextLength = Context,
            InitializationStd = 0.15,
        });
        Initialization.Initialize(model, seed: 7);
        foreach (Parameter parameter in model.Parameters.Parameters.Where(parameter => parameter.Kind != ParameterKind.Weight))
        {
            var random = new SeededRandom(8, RandomPurpose.Initialization, (uint)parameter.Index);
            Span<float> values = model.Parameters.Data(parameter);
            for (int i = 0; i < values.Length; i++)
            {
                values[i] += 0.1f * random.Normal((ulong)i);
            }
        }

        return model;
    }

    private string Export(PortableModel portable, GgufType type)
    {
        string file = _folder.In("model.gguf");
        GgufExport.Write(file, portable, type, "test");
        return file;
    }

    private void Compare(PortableModel portable, GgufType type, string[] texts, double tolerance) =>
        CompareAnswers(portable, Ask(Export(portable, type), texts, type == GgufType.F32 ? Greedy : 0), texts, tolerance);

    private static void CompareAnswers(PortableModel portable, List<Answer> answers, string[] texts, double tolerance)
    {
        double largest = 0;
        for (int i = 0; i < texts.Length; i++)
        {
            int[] ids = portable.Tokenizer.Encode(texts[i]).Ids;
            ids = portable.BeginsText ? [portable.Tokenizer.BosId, .. ids] : ids;
            Assert.Equal(ids, answers[i].Ids);
            double[][] ours = LogProbabilities(portable.Model, [.. ids, .. answers[i].Greedy]);
            for (int position = 0; position < ids.Length; position++)
            {
                largest = Math.Max(largest, LargestDifference(ours[position], LogSoftmax(answers[i].Logits[position])));
            }

            for (int said = 0; said < answers[i].Greedy.Length; said++)
            {
                double[] row = ours[ids.Length - 1 + said];
                Assert.Equal(Array.IndexOf(row, row.Max()), answers[i].Greedy[said]);
            }
        }

        Assert.True(largest <= tolerance, FormattableString.Invariant($"log-probabilities differ by {largest:E2}, more than {tolerance}"));
    }

    private static double LargestDifference(double[] one, double[] other)
    {
        Assert.Equal(one.Length, other.Length);
        return one.Zip(other, (left, right) => Math.Abs(left - right)).Max();
    }

    private static double[][] LogProbabilities(Gpt model, int[] ids)
    {
        using var tape = new Tape(model.Parameters, TapeMode.Inference);
        float[] logits = model.Forward(tape, ids, 1).Data.ToArray();
        return [.. logits.Select(number => (double)number).Chunk(model.Config.VocabularySize).Select(LogSoftmax)];
    }

    private static double[] LogSoftmax(double[] logits)
    {
        double largest = logits.Max(), sum = Math.Log(logits.Sum(logit => Math.Exp(logit - largest)));
        return [.. logits.Select(logit => logit - largest - sum)];
    }

    private List<Answer> Ask(string model, string[] texts, int greedy)
    {
        string question = _folder.In("question.json"), answer = _folder.In("answer.json");
        File.WriteAllText(question, JsonSerializer.Serialize(new { model, texts, greedy, context = Context }));
        NodePeer.Run(Peer, "evaluate.mjs", question, answer).Expect(0);
        return JsonSerializer.Deserialize<List<Answer>>(File.ReadAllText(answer), JsonSerializerOptions.Web)!;
    }

    private sealed record Answer(int[] Ids, double[][] Logits, int[] Greedy);
}
