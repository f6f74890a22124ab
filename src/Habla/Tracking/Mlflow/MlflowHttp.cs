using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Habla.Tracking.Mlflow;

/// <summary>Requests to one tracking server; turns every way in which they can fail into an <see cref="MlflowException"/>.</summary>
internal sealed class MlflowHttp : IDisposable
{
    private const int MostAnswerBytes = 1 << 24, MostWords = 500;

    private readonly string _server;
    private readonly HttpClient _http;

    public MlflowHttp(string server, AuthenticationHeaderValue? authorization, MlflowOptions options)
    {
        _server = server;
        // A redirected POST would arrive as a GET: better to be told of the other address.
        var handler = new SocketsHttpHandler { ConnectTimeout = options.ConnectTimeout, AllowAutoRedirect = false };
        _http = new HttpClient(handler) { Timeout = options.RequestTimeout, MaxResponseContentBufferSize = MostAnswerBytes };
        _http.DefaultRequestHeaders.Authorization = authorization;
    }

    /// <summary>Asks for an object.</summary>
    public async Task<JsonObject> Get(string address, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        return Parse(await Send(request, stop).ConfigureAwait(false));
    }

    /// <summary>Sends a JSON body; the answer is an object.</summary>
    public async Task<JsonObject> Post(string address, byte[] body, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return Parse(await Send(request, stop).ConfigureAwait(false));
    }

    /// <summary>Sends a file.</summary>
    public async Task Put(string address, string file, CancellationToken stop)
    {
        byte[] bytes = await File.ReadAllBytesAsync(file, stop).ConfigureAwait(false);
        using var request = new HttpRequestMessage(HttpMethod.Put, address) { Content = new ByteArrayContent(bytes) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        await Send(request, stop).ConfigureAwait(false);
    }

    public void Dispose() => _http.Dispose();

    private async Task<string> Send(HttpRequestMessage request, CancellationToken stop)
    {
        try
        {
            using HttpResponseMessage answer = await _http.SendAsync(request, stop).ConfigureAwait(false);
            string text = await answer.Content.ReadAsStringAsync(stop).ConfigureAwait(false);
            return answer.IsSuccessStatusCode ? text : throw Problem(answer, text);
        }
        catch (HttpRequestException error)
        {
            throw new MlflowException(MlflowFailure.Passing, $"cannot reach {_server}: {error.Message}", error);
        }
        catch (OperationCanceledException error) when (!stop.IsCancellationRequested)
        {
            throw new MlflowException(
                MlflowFailure.Passing, $"{_server} did not answer within {_http.Timeout.TotalSeconds:0.#} s", error);
        }
    }

    private MlflowException Problem(HttpResponseMessage answer, string text)
    {
        (string code, string words) = Words(text);
        int status = (int)answer.StatusCode;
        MlflowFailure failure = answer.StatusCode switch
        {
            // Said by a server that was told to serve no artifacts: it will not change its mind.
            HttpStatusCode.ServiceUnavailable when text.Contains("serve-artifacts", StringComparison.Ordinal) => MlflowFailure.Refused,
            HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError =>
                MlflowFailure.Passing,
            HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge => MlflowFailure.Refused,
            _ => MlflowFailure.Lasting,
        };
        string hint = answer.StatusCode switch
        {
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden =>
                "; set MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD",
            >= HttpStatusCode.MultipleChoices and < HttpStatusCode.BadRequest => $"; its address is {answer.Headers.Location}",
            _ => "",
        };
        return new MlflowException(failure, $"{_server} answered {status}{(words.Length > 0 ? ": " : "")}{words}{hint}")
        {
            ErrorCode = code,
            RetryAfter = answer.Headers.RetryAfter?.Delta,
        };
    }

    private static (string Code, string Words) Words(string text)
    {
        try
        {
            if (JsonNode.Parse(text) is JsonObject error)
            {
                return (error["error_code"]?.ToString() ?? "", Short(error["message"]?.ToString() ?? ""));
            }
        }
        catch (JsonException)
        {
            // A proxy's page, or a plain sentence.
        }

        return ("", Short(text));
    }

    private static string Short(string text)
    {
        string line = text.ReplaceLineEndings(" ").Trim();
        return line.Length <= MostWords ? line : line[..MostWords] + "...";
    }

    private JsonObject Parse(string text)
    {
        try
        {
            return JsonNode.Parse(text) as JsonObject ?? throw new JsonException("this is no object");
        }
        catch (JsonException error)
        {
            throw new MlflowException(
                MlflowFailure.Lasting, $"{_server} answered something that is no JSON; is this an MLflow tracking server?", error);
        }
    }
}
