using System.Text;
using Habla.Tracking.Mlflow;

namespace Habla.Tests.Tracking.Mlflow;

public sealed class MlflowClientTests : IDisposable
{
    private const long Now = 1_700_000_000_000;

    private static readonly MlflowEntry s_start = new() { Kind = MlflowEntryKind.Start, Time = Now, Name = "run", User = "me" };

    private readonly MlflowServer _server = new();
    private readonly MlflowClient _client;

    public MlflowClientTests() => _client = new MlflowClient(_server.Uri, new MlflowOptions());

    [Fact]
    public async Task An_experiment_is_made_once_and_found_after()
    {
        string name = "a b/ñ&c=1", id = await _client.FindOrCreateExperiment(name, default);
        Assert.Equal(id, await _client.FindOrCreateExperiment(name, default));
        Assert.Equal((id, name), Assert.Single(_server.Store.Experiments));
    }

    [Fact]
    public async Task Two_that_make_the_same_experiment_get_the_same()
    {
        _server.Store.LosesTheRace = true;
        Assert.Equal("77", await _client.FindOrCreateExperiment("tests", default));
    }

    [Fact]
    public async Task A_run_whose_creation_was_not_answered_is_found_again()
    {
        string experiment = await _client.FindOrCreateExperiment("tests", default);
        MlflowRun first = await _client.FindOrCreateRun(experiment, "key", s_start, default);
        MlflowRun other = await _client.FindOrCreateRun(experiment, "key 2", s_start, default);

        Assert.Equal(first, await _client.FindOrCreateRun(experiment, "key", s_start, default));
        Assert.NotEqual(first, other);
        Assert.Equal(2, _server.Store.Runs.Count);
        Assert.Empty(_server.Violations);
    }

    [Fact]
    public async Task The_last_step_of_each_metric_is_what_the_server_has()
    {
        MlflowRun run = await NewRun();
        Assert.Empty(await _client.LatestSteps(run, default));
        await Log(run, new("loss", 1, Now, 1), new("loss", 1, Now, 12), new("val", 1, Now, 5_000_000_000));
        Assert.Equal(
            new Dictionary<string, long> { ["loss"] = 12, ["val"] = 5_000_000_000 }, await _client.LatestSteps(run, default));
    }

    [Fact]
    public async Task A_status_that_a_server_ignores_is_noticed()
    {
        MlflowRun run = await NewRun();
        MlflowException error = await Assert.ThrowsAsync<MlflowException>(() => _client.Update(run, "DONE", null, default));
        Assert.Equal(MlflowFailure.Refused, error.Failure);
        Assert.Contains($"run {run.RunId} stays RUNNING", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_server_notices_times_in_seconds_bare_numbers_and_other_content()
    {
        MlflowRun run = await NewRun();
        await _client.Update(run, "FINISHED", 1_700_000_000, default);
        Assert.Contains("end_time 1700000000 is not in milliseconds", _server.Violations);

        using var http = new HttpClient();
        string url = _server.Uri + "/api/2.0/mlflow/runs/log-batch";
        string body = $$"""
            {"run_id": "{{run.RunId}}", "metrics": [{"key": "a", "value": 1, "timestamp": 1700000000000, "step": 1},
             {"key": "b", "value": NaN, "timestamp": 1700000000000, "step": 1},
             {"key": "c", "value": 1, "timestamp": 1700000000000, "step": 1}]}
            """;
        using var json = new StringContent(body, Encoding.UTF8, "application/json");
        Assert.True((await http.PostAsync(new Uri(url), json)).IsSuccessStatusCode);
        Assert.Equal(["a"], _server.Run.Metrics.Select(metric => metric.Key));
        Assert.Contains("a bare NaN or infinity", _server.Violations);

        using var text = new StringContent(body, Encoding.UTF8, "text/plain");
        Assert.Equal(400, (int)(await http.PostAsync(new Uri(url), text)).StatusCode);
    }

    [Fact]
    public async Task The_server_refuses_what_is_beyond_its_limits()
    {
        MlflowRun run = await NewRun();
        string[] bodies =
        [
            Body("metrics", string.Join(',', Enumerable.Repeat("""{"key":"m","value":1,"timestamp":1700000000000,"step":1}""", 1001))),
            Body("params", string.Join(',', Enumerable.Range(0, 101).Select(i => $$"""{"key":"p{{i}}","value":"v"}"""))),
            Body("tags", string.Join(',', Enumerable.Range(0, 101).Select(i => $$"""{"key":"t{{i}}","value":"v"}"""))),
            Body("params", $$"""{"key":"p","value":"{{new string('v', 6001)}}"}"""),
            Body("tags", $$"""{"key":"{{new string('k', 251)}}","value":"v"}"""),
            Body("params", """{"key":"a:b","value":"v"}"""),
            Body("params", """{"key":"p","value":"v"}""") + new string(' ', 1_000_000),
        ];
        using var http = new HttpClient();
        foreach (string body in bodies)
        {
            using var json = new StringContent(body, Encoding.UTF8, "application/json");
            Assert.Equal(400, (int)(await http.PostAsync(new Uri(_server.Uri + "/api/2.0/mlflow/runs/log-batch"), json)).StatusCode);
        }

        Assert.Empty(_server.Run.Metrics);
        Assert.Empty(_server.Run.Params);

        string Body(string kind, string entries) => $$"""{"run_id":"{{run.RunId}}","{{kind}}":[{{entries}}]}""";
    }

    [Theory]
    [InlineData(null, null, null, null)]
    [InlineData("t0k", null, null, "Bearer t0k")]
    [InlineData(null, "me", "pass:wörd", "Basic bWU6cGFzczp3w7ZyZA==")]
    [InlineData("t0k", "me", "p", "Basic bWU6cA==")]
    public void Credentials_come_from_the_environment(string? token, string? name, string? password, string? header)
    {
        var environment = new Dictionary<string, string?>
        {
            ["MLFLOW_TRACKING_TOKEN"] = token, ["MLFLOW_TRACKING_USERNAME"] = name, ["MLFLOW_TRACKING_PASSWORD"] = password,
        };
        Assert.Equal(header, MlflowClient.Authorization(environment.GetValueOrDefault)?.ToString());
    }

    [Fact]
    public async Task What_is_no_tracking_server_is_told_as_such()
    {
        using var other = new MlflowClient(_server.Uri + "/elsewhere", new MlflowOptions());
        MlflowException error = await Assert.ThrowsAsync<MlflowException>(() => other.FindOrCreateExperiment("tests", default));
        Assert.Equal(MlflowFailure.Lasting, error.Failure);
        Assert.Contains("answered 404", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_go_where_the_server_keeps_the_run()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.In("f"), [1, 2, 3]);
        MlflowRun run = await NewRun();
        await _client.PutArtifact(run, "plots/a b%.png", folder.In("f"), default);
        Assert.Equal([1, 2, 3], _server.Run.Artifacts["plots/a b%.png"]);
    }

    public void Dispose()
    {
        _client.Dispose();
        _server.Dispose();
    }

    private async Task<MlflowRun> NewRun() =>
        await _client.FindOrCreateRun(await _client.FindOrCreateExperiment("tests", default), "key", s_start, default);

    private Task Log(MlflowRun run, params MlflowMetric[] metrics)
    {
        var batch = new MlflowBatch();
        Assert.All(metrics, metric => Assert.True(batch.TryAdd(metric)));
        return _client.Log(run, batch, default);
    }
}
