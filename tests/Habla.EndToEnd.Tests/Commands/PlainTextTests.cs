using System.Text.Json;
using Habla.Tests;

namespace Habla.EndToEnd.Tests.Commands;

/// <summary>The second kind of data: windows over plain text, with the recipe and the text that come with Habla.</summary>
[Collection(TrainedRunGroup.Name)]
public sealed class PlainTextTests(TrainedRun run)
{
    private static readonly string Recipe = Path.Combine(Repository.Root, "configs", "sonnets.yaml");

    private static readonly string Text = Path.Combine(Repository.Root, "data", "sonnets.txt");

    private static readonly string[] Small =
    [
        "--set", $"data.train_path={Text}", "--set", "model.n_layer=1",
        "--set", "model.d_model=16", "--set", "model.d_ff=32", "--set", "model.max_seq_len=16", "--set", "training.batch_size=8",
        "--set", "training.epochs=null", "--set", "scheduler.total_steps=40", "--set", "scheduler.warmup_steps=5", "--set",
        "optimizer.lr_max=1e-2",
    ];

    [Fact]
    public void Sonnets_train_generate_and_evaluate()
    {
        string output = run.NewName();

        JsonElement results = run.Habla(["train", "--config", Recipe, "--out", output, "--json", .. Small]).Expect(0).Json;

        JsonElement[] log = run.Log(output);
        Assert.InRange(log[0].GetProperty("loss").GetDouble(), Math.Log(46) - 0.3, Math.Log(46) + 0.3);
        Assert.True(log[^1].GetProperty("loss").GetDouble() < 3.2);
        Assert.Equal(JsonValueKind.Null, results.GetProperty("val_ppl").ValueKind);

        string[] generate = ["generate", "--run", output, "--prompt", "Shall I ", "--max-tokens", "30", "--json"];
        JsonElement said = run.Habla(generate).Expect(0).Json;
        Assert.Equal(8, said.GetProperty("prompt_tokens").GetInt32());
        Assert.Equal(30, said.GetProperty("text").GetString()!.Length);
        Assert.Equal(said.GetProperty("text").GetString(), run.Habla(generate).Expect(0).Json.GetProperty("text").GetString());

        JsonElement evaluated = run.Habla("eval", "--run", output, "--data", Text, "--json").Expect(0).Json;
        Assert.Equal(results.GetProperty("train_ppl").GetDouble(), evaluated.GetProperty("ppl").GetDouble(), 1e-9);

        run.Refuses(["prompt"], "generate", "--run", output, "--prompt", "");
        run.Refuses(["validation", "--data"], "eval", "--run", output);
    }

    [Fact]
    public void A_held_out_tail_is_validated_and_counted_by_n_grams()
    {
        JsonElement results = run.Habla(
            ["train", "--config", Recipe, "--out", run.NewName(), "--json", "--set", "data.val_fraction=0.1", .. Small]).Expect(0).Json;

        Assert.True(results.GetProperty("val_ppl").GetDouble() > 1);
        Assert.True(results.GetProperty("ngram_baseline_val_ppl").GetDouble() > 1);
    }

    [Fact]
    public void A_text_shorter_than_a_window_is_refused()
    {
        string text = run.NewName() + ".txt";
        File.WriteAllText(run.In(text), "Shall I");

        run.Refuses(
            [text],
            [
                "train", "--config", Recipe, "--out", "x", .. Small, "--set", $"data.train_path={text}",
                "--set", "tokenizer.path=run/tokenizer.json", "--set", "tokenizer.vocab_size=64", "--set", "model.vocab_size=64",
            ]);
    }
}
