using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Habla.Tests.Tracking.Mlflow;

/// <summary>What the server knows, and its rules.</summary>
internal sealed partial class MlflowServerStore(ConcurrentQueue<string> violations)
{
    private readonly Lock _gate = new();
    private readonly List<(string Id, string Name)> _experiments = [];
    private readonly List<MlflowServerRun> _runs = [];

    public IReadOnlyList<(string Id, string Name)> Experiments => _experiments;

    public IReadOnlyList<MlflowServerRun> Runs => _runs;

    /// <summary>Names of experiments that have been deleted.</summary>
    public HashSet<string> Deleted { get; } = [];

    /// <summary>Somebody else makes the next experiment between a client's look and its creation.</summary>
    public bool LosesTheRace { get; set; }

    /// <summary>Whether files go through this server, as with --serve-artifacts.</summary>
    public bool ServesArtifacts { get; set; } = true;

    /// <summary>The address under which a run's files are, before the experiment's id.</summary>
    public string ArtifactRoot { get; set; } = "mlflow-artifacts:/";

    /// <summary>Keys that this server refuses although they are valid.</summary>
    public HashSet<string> RefusedKeys { get; } = [];

    public (int Status, string Text) Answer(HttpListenerRequest request, byte[] body)
    {
        lock (_gate)
        {
            try
            {
                return (200, Route(request, body).ToJsonString());
            }
            catch (MlflowRefusal refusal)
            {
                return (refusal.Status, new JsonObject { ["error_code"] = refusal.Code, ["message"] = refusal.Message }.ToJsonString());
            }
        }
    }

    private JsonObject Route(HttpListenerRequest request, byte[] body)
    {
        const string Artifacts = "/api/2.0/mlflow-artifacts/artifacts/";
        string path = request.Url!.AbsolutePath;
        if (request.HttpMethod == "PUT" && path.StartsWith(Artifacts, StringComparison.Ordinal))
        {
            return PutArtifact(Uri.UnescapeDataString(path[Artifacts.Length..]), body);
        }

        if (request.HttpMethod == "POST" && request.ContentType?.Split(';')[0] != "application/json")
        {
            throw new MlflowRefusal("BAD_REQUEST", "Bad Request. Content-Type must be one of ['application/json'].");
        }

        return (request.HttpMethod, path.Replace("/api/2.0/mlflow/", "", StringComparison.Ordinal)) switch
        {
            ("GET", "experiments/get-by-name") => Experiment(request.QueryString["experiment_name"]!),
            ("POST", "experiments/create") => CreateExperiment(Json(body)),
            ("POST", "runs/search") => Search(Json(body)),
            ("POST", "runs/create") => CreateRun(Json(body)),
            ("GET", "runs/get") => new JsonObject { ["run"] = Json(Run(request.QueryString["run_id"])) },
            ("POST", "runs/update") => Update(Json(body)),
            ("POST", "runs/log-batch") => LogBatch(body),
            _ => throw new MlflowRefusal("ENDPOINT_NOT_FOUND", $"no {request.HttpMethod} {path}", 404),
        };
    }

    private JsonObject Experiment(string name) => _experiments.Find(known => known.Name == name) is { Id: { } id }
        ? new JsonObject
        {
            ["experiment"] = new JsonObject
            {
                ["experiment_id"] = id, ["name"] = name, ["lifecycle_stage"] = Deleted.Contains(name) ? "deleted" : "active",
            },
        }
        : throw new MlflowRefusal("RESOURCE_DOES_NOT_EXIST", $"Could not find experiment with name '{name}'", 404);

    private JsonObject CreateExperiment(JsonObject body)
    {
        string name = body["name"]!.ToString();
        if (LosesTheRace)
        {
            LosesTheRace = false;
            _experiments.Add(("77", name));
        }

        if (_experiments.Exists(known => known.Name == name))
        {
            throw new MlflowRefusal("RESOURCE_ALREADY_EXISTS", $"Experiment '{name}' already exists.");
        }

        string id = (_experiments.Count + 1).ToString(CultureInfo.InvariantCulture);
        _experiments.Add((id, name));
        return new JsonObject { ["experiment_id"] = id };
    }

    private JsonObject Search(JsonObject body)
    {
        Match filter = TagFilter().Match(body["filter"]!.ToString());
        Require(filter.Success, "Invalid clause(s) in filter string");
        MlflowServerRun? found = _runs.Find(run => run.Tags.GetValueOrDefault(filter.Groups[1].Value) == filter.Groups[2].Value);
        return found is null ? [] : new JsonObject { ["runs"] = new JsonArray(Json(found)) };
    }

    private JsonObject CreateRun(JsonObject body)
    {
        string experiment = body["experiment_id"]!.ToString();
        Require(_experiments.Exists(known => known.Id == experiment), $"No Experiment with id={experiment} exists");
        var run = new MlflowServerRun
        {
            Id = Guid.NewGuid().ToString("N"),
            ExperimentId = experiment,
            Name = body["run_name"]?.ToString(),
            StartTime = Milliseconds(body["start_time"], "start_time"),
        };
        SetTags(run, body["tags"] as JsonArray ?? []);
        _runs.Add(run);
        return new JsonObject { ["run"] = Json(run) };
    }

    private JsonObject Update(JsonObject body)
    {
        MlflowServerRun run = Run(body["run_id"]?.ToString());
        string status = body["status"]!.ToString();
        if (status is "RUNNING" or "SCHEDULED" or "FINISHED" or "FAILED" or "KILLED")
        {
            run.Status = status;
            run.Statuses.Add(status);
        }
        else
        {
            violations.Enqueue($"status {status}"); // the real one says nothing
        }

        run.EndTime = body["end_time"] is { } time ? Milliseconds(time, "end_time") : run.EndTime;
        return new JsonObject { ["run_info"] = Json(run)["info"]!.DeepClone() };
    }

    private JsonObject LogBatch(byte[] body)
    {
        Require(body.Length <= 1_000_000, $"Batched logging API requests must be at most 1000000 bytes, got {body.Length}.");
        string text = Encoding.UTF8.GetString(body);
        string readable = BareNumber().Replace(text, "$1null");
        JsonObject batch = JsonNode.Parse(readable)!.AsObject();
        MlflowServerRun run = Run(batch["run_id"]?.ToString());
        JsonArray metrics = batch["metrics"] as JsonArray ?? [], settings = batch["params"] as JsonArray ?? [];
        JsonArray tags = batch["tags"] as JsonArray ?? [];
        Require(!run.IsDeleted, $"The run {run.Id} must be in the 'active' state. Current state is deleted.");
        AtMost(metrics.Count, 1000, "metrics");
        AtMost(settings.Count, 100, "params");
        AtMost(tags.Count, 100, "tags");
        AtMost(metrics.Count + settings.Count + tags.Count, 1000, "metrics, params, and tags");
        foreach (JsonNode? entry in metrics.Concat(settings).Concat(tags))
        {
            RequireKey(entry!["key"]!.ToString());
        }

        SetParams(run, settings);
        bool whole = AddMetrics(run, metrics);
        if (whole)
        {
            SetTags(run, tags);
        }
        else
        {
            violations.Enqueue("a bare NaN or infinity"); // the real one drops the rest and answers 200
        }

        return [];
    }

    private bool AddMetrics(MlflowServerRun run, JsonArray metrics)
    {
        foreach (JsonNode? metric in metrics)
        {
            if (metric!["value"] is null)
            {
                return false;
            }

            string value = metric["value"]!.ToString();
            Require(double.TryParse(value, CultureInfo.InvariantCulture, out double number), $"Got invalid value {value} for metric");
            long time = Milliseconds(metric["timestamp"], "timestamp"), step = metric["step"]!.GetValue<long>();
            run.Metrics.Add((metric["key"]!.ToString(), number, time, step));
        }

        return true;
    }

    private static void SetParams(MlflowServerRun run, JsonArray settings)
    {
        Require(
            settings.Select(param => param!["key"]!.ToString()).Distinct().Count() == settings.Count,
            "Duplicate parameter keys have been submitted");
        foreach (JsonNode? param in settings)
        {
            string key = param!["key"]!.ToString(), value = param["value"]!.ToString();
            Require(value.Length <= 6000, $"Param value '{key}' had length {value.Length}, which exceeded length limit of 6000");
            Require(run.Params.GetValueOrDefault(key, value) == value, $"Changing param values is not allowed: {key}");
            run.Params[key] = value;
        }
    }

    private static void SetTags(MlflowServerRun run, JsonArray tags)
    {
        foreach (JsonNode? tag in tags)
        {
            string key = tag!["key"]!.ToString(), value = tag["value"]!.ToString();
            Require(value.Length <= 5000, $"Tag value '{key}' had length {value.Length}, which exceeded length limit of 5000");
            run.Tags[key] = value;
        }
    }

    private JsonObject PutArtifact(string path, byte[] body)
    {
        if (!ServesArtifacts)
        {
            throw new MlflowRefusal("", "Endpoint disabled due to the mlflow server running with `--no-serve-artifacts`.", 503);
        }

        string[] parts = path.Split('/', 4);
        Require(parts is [_, _, "artifacts", _], $"no place for {path}");
        MlflowServerRun run = Run(parts[1]);
        Require(run.ExperimentId == parts[0], $"no place for {path}");
        run.Artifacts[parts[3]] = body;
        return [];
    }

    private MlflowServerRun Run(string? id) => _runs.Find(run => run.Id == id)
        ?? throw new MlflowRefusal("RESOURCE_DOES_NOT_EXIST", $"Run with id={id} not found", 404);

    private JsonObject Json(MlflowServerRun run) => new()
    {
        ["info"] = new JsonObject
        {
            ["run_id"] = run.Id, ["run_uuid"] = run.Id, ["experiment_id"] = run.ExperimentId,
            ["run_name"] = run.Name, ["status"] = run.Status, ["lifecycle_stage"] = run.IsDeleted ? "deleted" : "active",
            ["artifact_uri"] = $"{ArtifactRoot}{run.ExperimentId}/{run.Id}/artifacts",
        },
        ["data"] = new JsonObject
        {
            ["metrics"] = new JsonArray([.. run.Metrics.GroupBy(metric => metric.Key).Select(metric => new JsonObject
            {
                ["key"] = metric.Key, ["step"] = metric.Max(one => one.Step), ["value"] = "NaN", ["timestamp"] = 0,
            })]),
        },
    };

    private static JsonObject Json(byte[] body) => JsonNode.Parse(body)!.AsObject();

    private long Milliseconds(JsonNode? time, string what)
    {
        long number = time?.GetValue<long>() ?? 0;
        if (number < 1_000_000_000_000)
        {
            violations.Enqueue($"{what} {number} is not in milliseconds"); // the real one takes it for 1970
        }

        return number;
    }

    private void RequireKey(string key) => Require(
        Name().IsMatch(key) && key.Length <= 250 && !RefusedKeys.Contains(key) && !key.Split('/').Any(part => part is "" or "." or ".."),
        $"Invalid name: '{key}'. Names may only contain alphanumerics, underscores, dashes, periods, spaces and slashes.");

    private static void AtMost(int count, int most, string what) => Require(
        count <= most, $"A batch logging request can contain at most {most} {what}. Got {count} {what}.");

    private static void Require(bool fulfilled, string message)
    {
        if (!fulfilled)
        {
            throw new MlflowRefusal("INVALID_PARAMETER_VALUE", message);
        }
    }

    private sealed class MlflowRefusal(string code, string message, int status = 400) : Exception(message)
    {
        public string Code => code;

        public int Status => status;
    }

    [GeneratedRegex("^tags\\.`([^`]+)` = '([^']*)'$")]
    private static partial Regex TagFilter();

    [GeneratedRegex(@"([:,\[]\s*)-?(NaN|Infinity)(?=\s*[,}\]])")]
    private static partial Regex BareNumber();

    [GeneratedRegex(@"^[A-Za-z0-9_./\- ]+$")]
    private static partial Regex Name();
}
