namespace Habla.EndToEnd.Tests.Commands;

/// <summary>Standard output or error on a full disk, or closed: notes may be lost, a training may not.</summary>
[Collection(TrainedRunGroup.Name)]
public sealed class LostOutputTests(TrainedRun trained)
{
    [Theory]
    [InlineData("2>/dev/full")]
    [InlineData("2>&-")]
    public void ATrainingGoesOnWithoutAnyoneToTell(string redirection)
    {
        string run = trained.NewName();

        ProcessResult answer = trained.Redirected(
            redirection, "train", "--config", "small.yaml", "--out", run, "--no-baseline", "--json").Expect(0);

        Assert.Equal(trained.Weights, answer.Json.GetProperty("weights_sha256").GetString());
        Assert.Equal(20, trained.Log(run).Length);
    }

    [Theory]
    [InlineData(">/dev/full", "runs", "list", "--json", "run")]
    [InlineData(">&-", "runs", "list", "--json", "run")]
    [InlineData(">/dev/full", "--help")]
    [InlineData(">/dev/full")]
    [InlineData(">/dev/full", "train", "--help")]
    [InlineData(">/dev/full", "--version")]
    public void AnAnswerThatIsLostIsAFailureInOneLine(string redirection, params string[] arguments)
    {
        ProcessResult answer = trained.Redirected(redirection, arguments).Expect(1);

        Assert.Single(
            answer.Error.Split('\n'), line => line.StartsWith("habla: standard output cannot be written", StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void BothLostAreStillOnlyAFailure() => trained.Redirected(">/dev/full 2>&1", "runs", "list", "--json", "run").Expect(1);

    [Fact]
    public void BadInputIsToldByItsExitCode() => trained.Redirected("2>/dev/full", "runs", "list", "nothing-here").Expect(2);
}
