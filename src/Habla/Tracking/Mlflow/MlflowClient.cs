using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Habla.Tracking.Mlflow;

/// <summary>
/// A tracking server's REST API 2.0, as servers of versions 2 and 3 speak it. Credentials are taken from the environment, as MLflow's
/// own clients do: <c>MLFLOW_TRACKING_TOKEN</c>, or <c>MLFLOW_TRACKING_USERNAME</c> and <c>MLFLOW_TRACKING_PASSWORD</c>.
/// </summary>
internal sealed class MlflowClient : IMlflowStore
{
    private const string Api = "/api/2.0/mlflow/", ArtifactApi = "/api/2.0/mlflow-artifacts/artifacts";

    private readonly string _server;
    private readonly MlflowHttp _http;

    /// <summary>Makes a client; nothing is sent yet.</summary>
    /// <param name="server">The server's address, such as <c>http://localhost:5000</c>.</param>
    /// <param name="options">How patient it is.</param>
    public MlflowClient(string server, MlflowOptions options)
    {
        _server = server.TrimEnd('/');
        _http = new MlflowHttp(_server, Authorization(Environment.GetEnvironmentVariable), options);
    }

    public async Task<string> FindOrCreateExperiment(string name, CancellationToken stop)
    {
        if (await FindExperiment(name, stop).ConfigureAwait(false) is { } known)
        {
            return known;
        }

        try
        {
            JsonObject made = await Post("experiments/create", new JsonObject { ["name"] = name }, stop).ConfigureAwait(false);
            return Text(made, "experiment_id");
        }
        catch (MlflowException error) when (error.ErrorCode == "RESOURCE_ALREADY_EXISTS")
        {
            // Somebody else made it since we looked.
            return await FindExperiment(name, stop).ConfigureAwait(false) ?? throw new MlflowException(error.Failure, error.Message, error);
        }
    }

    public async Task<MlflowRun> FindOrCreateRun(string experimentId, string key, MlflowEntry start, CancellationToken stop)
    {
        JsonObject found = await Post("runs/search", new JsonObject
        {
            ["experiment_ids"] = new JsonArray(experimentId),
            ["filter"] = $"tags.`{MlflowTags.Key}` = '{key}'",
            ["max_results"] = 1,
        }, stop).ConfigureAwait(false);
        if (found["runs"] is JsonArray { Count: > 0 } runs)
        {
            return RunOf(runs[0]!["info"], experimentId);
        }

        IEnumerable<JsonObject> tags = (start.Tags ?? []).Select(tag => Json(tag.Key, tag.Value)).Prepend(Json(MlflowTags.Key, key));
        JsonObject made = await Post("runs/create", new JsonObject
        {
            ["experiment_id"] = experimentId,
            ["user_id"] = start.User,
            ["run_name"] = start.Name,
            ["start_time"] = start.Time,
            ["tags"] = new JsonArray([.. tags.Take(MlflowLimits.TagsPerBatch)]),
        }, stop).ConfigureAwait(false);
        return RunOf(made["run"]?["info"], experimentId);
    }

    public async Task<Dictionary<string, long>> LatestSteps(MlflowRun run, CancellationToken stop)
    {
        JsonObject answer = await Get($"runs/get?run_id={run.RunId}", stop).ConfigureAwait(false);
        if (answer["run"]?["info"]?["lifecycle_stage"]?.ToString() == "deleted")
        {
            throw new MlflowException(
                MlflowFailure.Lasting, $"run {run.RunId} has been deleted on {_server}; restore it there (mlflow runs restore)");
        }

        var steps = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (JsonNode? metric in answer["run"]?["data"]?["metrics"] as JsonArray ?? [])
        {
            // A 64-bit number is text in some servers' JSON.
            steps[metric!["key"]!.ToString()] = long.Parse(metric["step"]?.ToString() ?? "0", CultureInfo.InvariantCulture);
        }

        return steps;
    }

    public Task Log(MlflowRun run, MlflowBatch batch, CancellationToken stop) => Post("runs/log-batch", new JsonObject
    {
        ["run_id"] = run.RunId,
        ["metrics"] = new JsonArray([.. batch.Metrics.Select(Json)]),
        ["params"] = new JsonArray([.. batch.Params.Select(param => Json(param.Key, param.Value))]),
        ["tags"] = new JsonArray([.. batch.Tags.Select(tag => Json(tag.Key, tag.Value))]),
    }, stop);

    public async Task Update(MlflowRun run, string status, long? endTime, CancellationToken stop)
    {
        var body = new JsonObject { ["run_id"] = run.RunId, ["status"] = status };
        if (endTime is { } time)
        {
            body["end_time"] = time;
        }

        JsonObject answer = await Post("runs/update", body, stop).ConfigureAwait(false);
        string? now = answer["run_info"]?["status"]?.ToString();
        if (now is not null && now != status)
        {
            throw new MlflowException(MlflowFailure.Refused, $"{_server} did not take the status {status}; run {run.RunId} stays {now}");
        }
    }

    public Task PutArtifact(MlflowRun run, string name, string file, CancellationToken stop)
    {
        if (!Uri.TryCreate(run.ArtifactUri, UriKind.Absolute, out Uri? place) || place.Scheme != "mlflow-artifacts")
        {
            throw new MlflowException(
                MlflowFailure.Refused,
                $"{_server} keeps the files of this experiment at {run.ArtifactUri}, where only MLflow's own clients write; "
                + "start the server with --serve-artifacts and use a new experiment");
        }

        string path = string.Join('/', name.Split('/').Select(Uri.EscapeDataString));
        return _http.Put($"{_server}{ArtifactApi}{place.AbsolutePath.TrimEnd('/')}/{path}", file, stop);
    }

    public void Dispose() => _http.Dispose();

    /// <summary>The value of the header Authorization; null without credentials in the environment.</summary>
    internal static AuthenticationHeaderValue? Authorization(Func<string, string?> environment)
    {
        string? name = environment("MLFLOW_TRACKING_USERNAME"), password = environment("MLFLOW_TRACKING_PASSWORD");
        return !string.IsNullOrEmpty(name)
            ? new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{name}:{password}")))
            : environment("MLFLOW_TRACKING_TOKEN") is { Length: > 0 } token ? new AuthenticationHeaderValue("Bearer", token)
            : null;
    }

    private async Task<string?> FindExperiment(string name, CancellationToken stop)
    {
        try
        {
            string path = $"experiments/get-by-name?experiment_name={Uri.EscapeDataString(name)}";
            JsonObject answer = await Get(path, stop).ConfigureAwait(false);
            JsonObject experiment = answer["experiment"] as JsonObject ?? throw Incomprehensible("experiment");
            return experiment["lifecycle_stage"]?.ToString() != "deleted"
                ? Text(experiment, "experiment_id")
                : throw new MlflowException(
                    MlflowFailure.Lasting,
                    $"the experiment {name} has been deleted on {_server}; restore it there "
                    + $"(mlflow experiments restore --experiment-id {experiment["experiment_id"]}) "
                    + "or set another tracking.mlflow.experiment");
        }
        catch (MlflowException error) when (error.ErrorCode == "RESOURCE_DOES_NOT_EXIST")
        {
            return null;
        }
    }

    private MlflowRun RunOf(JsonNode? info, string experimentId) => info is JsonObject run
        ? new MlflowRun(experimentId, Text(run, run.ContainsKey("run_id") ? "run_id" : "run_uuid"), run["artifact_uri"]?.ToString() ?? "")
        : throw Incomprehensible("run.info");

    private Task<JsonObject> Get(string path, CancellationToken stop) => _http.Get(_server + Api + path, stop);

    private Task<JsonObject> Post(string path, JsonObject body, CancellationToken stop) =>
        _http.Post(_server + Api + path, JsonSerializer.SerializeToUtf8Bytes(body), stop);

    private string Text(JsonObject from, string key) => from[key]?.ToString() ?? throw Incomprehensible(key);

    private MlflowException Incomprehensible(string key) =>
        new(MlflowFailure.Lasting, $"{_server} answered without {key}; is this an MLflow tracking server?");

    private static JsonObject Json(string key, string value) => new JsonObject { ["key"] = key, ["value"] = value };

    /// <summary>A bare NaN is no JSON; a server that meets one drops the rest of the batch and answers 200.</summary>
    private static JsonNode Json(MlflowMetric metric) => new JsonObject
    {
        ["key"] = metric.Key,
        ["value"] = double.IsFinite(metric.Value)
            ? JsonValue.Create(metric.Value)
            : JsonValue.Create(metric.Value.ToString(CultureInfo.InvariantCulture)),
        ["timestamp"] = metric.Timestamp,
        ["step"] = metric.Step,
    };
}
