using System.Diagnostics;
using Habla.Tensors;

namespace Habla.EndToEnd.Tests.Resuming;

/// <summary>Runs that end without a word, and go on as if nothing had happened.</summary>
public sealed class KilledRunTests(TinyRun run) : IClassFixture<TinyRun>
{
    private const int Kills = 20, Killed = 128 + 9;

    [Fact]
    public void Killed_at_twenty_moments_a_run_ends_with_the_same_bits()
    {
        var random = new SeededRandom(4, RandomPurpose.DataOrder);
        string output = run.NewName();
        int kills = 0, insideSave = 0;
        for (int attempt = 0; kills < Kills; attempt++)
        {
            Assert.True(attempt < 5 * Kills, $"{kills} of {attempt} runs were there to be killed");
            ProcessResult ended = run.TrainWhile(process => KillAtSomeMoment(process, output, random, attempt), output, Options(output));
            if (ended.ExitCode != Killed)
            {
                // Faster than its killer: another run is there to be killed.
                ended.Expect(0);
                run.AssertLikeWhole(output);
                output = run.NewName();
                continue;
            }

            kills++;
            insideSave += IsHalfSaved(output) ? 1 : 0;

            // A line is written, then its step is saved while the next is computed: at most two steps are not on disk yet.
            Assert.True(
                run.CompleteSteps(output).DefaultIfEmpty().Max() >= run.LogLines(output) - 2,
                $"after {kills} kills no complete checkpoint is near step {run.LogLines(output)}");
        }

        ProcessResult last = run.Train(output, Options(output)).Expect(0);
        run.AssertLikeWhole(output);
        Assert.True(insideSave > 0, $"none of {kills} kills came while a checkpoint was written");
        Assert.DoesNotContain("SHA-256", last.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Killed_before_its_first_checkpoint_a_run_begins_again()
    {
        // Large enough that the first step is in the log long before the last.
        string[] options =
        [
            "--set", "model.n_layer=2", "--set", "model.d_model=48", "--set", "model.d_ff=192", "--set", "training.batch_size=16",
            "--set", "checkpoint.every=0",
        ];
        string whole = run.NewName(), output = run.NewName();
        run.Train(whole, options).Expect(0);
        Assert.Equal(Killed, run.KillAfter(1, output, options).ExitCode);
        Assert.False(Directory.Exists(run.In($"{output}/checkpoints/last")));

        ProcessResult resumed = run.Train(output, [.. options, "--resume"]).Expect(0);

        Assert.Matches("(no checkpoint had been saved yet: beginning again at step 0|going on after step (7|14|21|28|35|42) from "
            + ".*/best)\n", resumed.Error);
        run.AssertLikeWhole(output, whole);
    }

    private string[] Options(string output) => File.Exists(run.In($"{output}/manifest.json")) ? ["--resume"] : [];

    /// <summary>While it starts; while it writes a checkpoint; whenever.</summary>
    private void KillAtSomeMoment(Process process, string output, SeededRandom random, int attempt)
    {
        int steps = run.LogLines(output);
        int chance = random.Below((ulong)attempt, 100);
        switch (attempt % 4)
        {
            case 0:
                Thread.Sleep(chance * 6);
                break;
            case 1:
                TinyRun.Until(
                    process, () => run.LogLines(output) != steps && Directory.Exists(run.In($"{output}/checkpoints/last.partial")));
                break;
            default:
                TinyRun.Until(process, () => run.LogLines(output) != steps);
                Thread.Sleep(chance);
                break;
        }

        process.Kill();
    }

    private bool IsHalfSaved(string output) =>
        Directory.Exists(run.In($"{output}/checkpoints"))
        && Directory.EnumerateDirectories(run.In($"{output}/checkpoints"), "*.*").Any();
}
