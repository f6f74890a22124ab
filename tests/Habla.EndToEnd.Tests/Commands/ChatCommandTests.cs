namespace Habla.EndToEnd.Tests.Commands;

[Collection(TrainedRunGroup.Name)]
public sealed class ChatCommandTests(TrainedRun run)
{
    private const string Options = "--template 'es:{} / en:' --max-tokens 8";

    [Fact]
    public void Answers_come_on_standard_output_and_all_else_on_standard_error()
    {
        ProcessResult talk = Talk("yo camino|/help|/seed 7|/seed x|/what|/exit|never said", Options);
        Assert.Single(talk.Output.TrimEnd('\n').Split('\n'));
        Assert.All(
            (string[])["/reset", "/seed N", "(seed 7)", "(/seed N: expected", "(/what is nothing"],
            note => Assert.Contains(note, talk.Error, StringComparison.Ordinal));
        Assert.DoesNotContain("> ", talk.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_first_answer_is_what_generate_says()
    {
        string prompt = "es:yo camino / en:";
        string said = run.Habla(
            "generate", "--run", "run", "--prompt", prompt, "--temperature", "0.8", "--max-tokens", "8", "--seed", "3").Expect(0).Output;
        Assert.Equal(said, prompt + Talk("/seed 3|yo camino", Options).Output);
        Assert.Equal(said, prompt + Talk("yo camino", Options + " --seed 3 --no-cache").Output);
    }

    [Fact]
    public void Reset_and_seed_begin_again_and_history_changes_answers()
    {
        string[] Answers(string lines, string options) => Talk(lines, options).Output.TrimEnd('\n').Split('\n');
        string options = Options + " --logit-bias 2=-inf --temperature 0";

        string[] answers = Answers("yo ando|yo como|/reset|yo ando|yo como|/seed 0|yo como", options);
        Assert.Equal(5, answers.Length);
        Assert.Equal(answers[..2], answers[2..4]);

        string[] alone = Answers("yo ando|yo como|yo como", options + " --no-history");
        Assert.Equal((answers[0], alone[1]), (alone[0], alone[2]));
    }

    [Fact]
    public void The_oldest_turns_are_dropped_and_a_line_that_is_too_long_is_refused_without_an_end()
    {
        string tooLong = string.Concat(Enumerable.Repeat("quxjz ", 30));
        ProcessResult talk = Talk($"yo como|yo como|yo como|{tooLong}|yo como", Options);
        Assert.Contains("(the oldest turn is forgotten: the model sees 32 tokens)", talk.Error, StringComparison.Ordinal);
        Assert.Contains("tokens, but the model reads 32 at most: say it shorter)", talk.Error, StringComparison.Ordinal);
        Assert.Equal(4, talk.Output.TrimEnd('\n').Split('\n').Length);
    }

    [Fact]
    public void Ctrl_C_stops_the_answer_and_the_talk_goes_on()
    {
        ProcessResult talk = run.InterruptedAnswer(
            "yo camino", "/seed 12", "chat", "--run", "run", "--max-tokens", "100000000", "--logit-bias", "2=-inf").Expect(0);
        Assert.Contains("(stopped)\n", talk.Error, StringComparison.Ordinal);
        Assert.Contains("(seed 12)\n", talk.Error, StringComparison.Ordinal);
        Assert.NotEmpty(talk.Output.Trim());
    }

    [Theory]
    [InlineData("template: 'hello' has 0 places {}", "--template", "hello")]
    [InlineData("template: '{}{}\\n' has 2 places {}", "--template", "{}{}\\n")]
    [InlineData("temperature: -1", "--temperature", "-1")]
    [InlineData("--top-k narrows a draw", "--temperature", "0", "--top-k", "3")]
    [InlineData("stop-token: token 64", "--stop-token", "64")]
    [InlineData("it has best, last", "--checkpoint", "step-7")]
    [InlineData("--template is empty", "--template", "")]
    public void Bad_options_are_refused(string named, params string[] options) => run.Refuses([named], ["chat", "--run", "run", .. options]);

    private ProcessResult Talk(string lines, string options) =>
        run.Pasted($"echo '{lines}' | tr '|' '\\n' | habla chat --run run {options}").Expect(0);
}
