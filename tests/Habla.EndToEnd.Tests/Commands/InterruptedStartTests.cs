namespace Habla.EndToEnd.Tests.Commands;

/// <summary>What a run says before its first step, and what a signal there does.</summary>
[Collection(TrainedRunGroup.Name)]
public sealed class InterruptedStartTests(TrainedRun run)
{
    [Fact]
    public void A_signal_before_the_first_step_writes_nothing_and_exits_130()
    {
        string output = run.NewName();

        // Large enough that the preflight is still at work when the signal comes, which is sent as soon as it says so.
        ProcessResult answer = run.SignalOnceSaid(
            "INT", "preflight: measuring", "train", "--config", "small.yaml", "--out", output, "--no-baseline", "--threads", "1",
            "--set", "model.d_model=512", "--set", "model.d_ff=2048", "--set", "model.n_layer=8", "--set", "scheduler.total_steps=1000")
            .Expect(130);

        string[] lines = answer.Error.TrimEnd('\n').Split('\n');
        Assert.Contains(" parameters, 1,000 steps of ", lines[0], StringComparison.Ordinal);
        int measuring = Array.FindIndex(lines, line => line.StartsWith("preflight: measuring", StringComparison.Ordinal));
        Assert.Equal(
            ["stopping after this step; once more to stop at once", "interrupted before the first step; nothing was written"],
            lines[(measuring + 1)..]);
        Assert.False(Directory.Exists(run.In(output)));
    }

    [Fact]
    public void A_signal_to_a_training_is_answered_before_its_step_is_done()
    {
        string output = run.NewName();

        ProcessResult answer = run.Interrupt(
            "TERM", output, "--set", "scheduler.total_steps=2000", "--set", "training.val_every=2000", "--no-preflight").Expect(130);

        Assert.Contains("\nstopping after this step; once more to stop at once\n", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_context_that_no_row_comes_near_is_told_of_once()
    {
        string[] settings = ["--set", "scheduler.total_steps=3", "--set", "model.max_seq_len=1000"];

        string error = run.Train(run.NewName(), settings).Expect(0).Error;

        Assert.Single(error.Split('\n'), line => line.Contains("is 1000: positions beyond are never learned", StringComparison.Ordinal));
        Assert.DoesNotContain("positions beyond", run.Finished.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_step_of_more_batches_than_an_epoch_has_is_told_of()
    {
        string error = run.Train(
            run.NewName(), "--set", "scheduler.total_steps=3", "--set", "training.accumulation=10000").Expect(0).Error;

        Assert.Contains("warning: training.accumulation is 10000, and an epoch has ", error, StringComparison.Ordinal);
    }
}
