using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using ClipDistributed.Cli.Coordinators;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Processes;

namespace ClipDistributed.Cli.Exports;

/// <summary>Calls of MLflow's REST API 2.0 (mlflow.org/docs/latest/rest-api.html). A short absence of the server is waited out.</summary>
internal sealed class MlflowClient : IDisposable
{
    private const string Missing = "RESOURCE_DOES_NOT_EXIST";

    private const int MaxAnswer = 4 << 20;

    private static readonly double[] Pauses = [0.5, 1, 2, 4];

    private readonly HttpClient http;
    private readonly TimeProvider time;

    public MlflowClient(MlflowServer server, TimeProvider time)
    {
        this.time = time;
        // A redirect would take the run's parameters to another server, or turn what is sent into a question.
        http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false })
        {
            MaxResponseContentBufferSize = MaxAnswer,
            BaseAddress = new Uri(server.Address, "api/2.0/mlflow/"),
            Timeout = TimeSpan.FromSeconds(60),
        };
        if (server.Token is { } token)
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    private string Server => http.BaseAddress!.GetLeftPart(UriPartial.Authority);

    /// <returns>Null: there is nothing of that name.</returns>
    /// <inheritdoc cref="PostAsync"/>
    public Task<JsonObject?> GetAsync(string call, CancellationToken cancel) =>
        SendAsync(() => new HttpRequestMessage(HttpMethod.Get, call), isRepeatable: true, cancel);

    /// <param name="isRepeatable">Sending it again does no harm where its answer was lost.</param>
    /// <exception cref="BadInputException">The server refuses it, or is none of MLflow.</exception>
    /// <exception cref="CoordinatorException">It cannot be reached, or failed.</exception>
    public async Task<JsonObject> PostAsync(string call, JsonObject body, CancellationToken cancel, bool isRepeatable = true) =>
        await SendAsync(() => new HttpRequestMessage(HttpMethod.Post, call) { Content = JsonContent.Create(body) }, isRepeatable, cancel)
        ?? throw new BadInputException($"{http.BaseAddress}{call} is not there; does MLflow answer at this address?");

    public void Dispose() => http.Dispose();

    private async Task<JsonObject?> SendAsync(Func<HttpRequestMessage> request, bool isRepeatable, CancellationToken cancel)
    {
        for (int tries = 0; ; tries++)
        {
            string failure;
            try
            {
                using var sent = request();
                using var answer = await http.SendAsync(sent, cancel);
                string text = await answer.Content.ReadAsStringAsync(cancel);
                if ((int)answer.StatusCode is >= 300 and < 400)
                    throw new BadInputException(
                        $"{Server} sends clipd on to {Excerpt.Of($"{answer.Headers.Location}", 200)}; give the address of MLflow itself "
                            + $"with {MlflowServer.Option}.");
                if (answer.StatusCode != HttpStatusCode.TooManyRequests && (int)answer.StatusCode < 500)
                    return Read(answer.StatusCode, text);
                failure = $"it answered {(int)answer.StatusCode} {Excerpt.Of(text.ReplaceLineEndings(" "), 200)}";
            }
            catch (HttpRequestException broken)
            {
                failure = broken.Message;
            }
            catch (TaskCanceledException) when (!cancel.IsCancellationRequested)
            {
                failure = $"it did not answer within {http.Timeout.TotalSeconds:0} s";
            }
            if (!isRepeatable || tries == Pauses.Length)
                throw new CoordinatorException(
                    $"the MLflow server {Server} cannot be used ({failure.TrimEnd('.')}); what it has taken stays, and the same command "
                        + "goes on from there", ExitCodes.Unavailable);
            await Task.Delay(TimeSpan.FromSeconds(Pauses[tries]), time, cancel);
        }
    }

    /// <returns>Null: there is nothing of that name.</returns>
    private JsonObject? Read(HttpStatusCode status, string text)
    {
        var body = Parse(text);
        if (status == HttpStatusCode.OK && body is not null)
            return body;
        if (body?["error_code"]?.ToString() == Missing)
            return null;
        if (status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
            throw new BadInputException(
                $"The MLflow server {Server} refuses access ({(int)status}); give a token of it with {MlflowServer.TokenOption}.");
        if (body?["message"] is { } message)
            throw new BadInputException(
                $"The MLflow server {Server} refuses it: {Excerpt.Of(message.ToString().ReplaceLineEndings(" "), 500)}");
        throw new BadInputException(
            $"{Server} does not answer as MLflow's REST API does ({(int)status}); give the address that mlflow server prints.");
    }

    private static JsonObject? Parse(string text)
    {
        try
        {
            return JsonNode.Parse(text, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false }) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
