using System.Collections;
using System.Globalization;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Links;

namespace ClipDistributed.Coordinator.Settings;

/// <summary>
/// Where metrics, logs and traces are sent by OTLP, by the variables that OpenTelemetry specifies
/// (opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables). Values of headers may be secret: they are not shown.
/// </summary>
/// <param name="Variables">By name, as in OTEL_EXPORTER_OTLP_ENDPOINT.</param>
public sealed record OtlpSettings(IReadOnlyDictionary<string, string> Variables)
{
    public const string Option = "--otlp";

    private const string Prefix = "OTEL_", Exporter = "OTEL_EXPORTER_OTLP_", Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    private static readonly string[] Protocols = ["grpc", "http/protobuf"];

    public bool HasMetrics => Sends("METRICS");

    public bool HasTraces => Sends("TRACES");

    public bool HasLogs => Sends("LOGS");

    /// <param name="endpoint">Of the command line, before that of the variables; null: not given.</param>
    /// <param name="environment">Of the process.</param>
    /// <returns>Null: nothing is sent anywhere.</returns>
    public static OtlpSettings? From(string? endpoint, IDictionary environment)
    {
        var variables = environment.Keys.OfType<string>().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .Where(name => environment[name] is string { Length: > 0 }) // an empty one is one that is not set
            .ToDictionary(name => name, name => (string)environment[name]!, StringComparer.Ordinal);
        if (endpoint is not null)
        {
            variables[Endpoint] = endpoint;
            foreach (string signal in (string[])["METRICS", "TRACES", "LOGS"])
                variables.Remove($"{Exporter}{signal}_ENDPOINT");
        }
        bool isOff = bool.TryParse(variables.GetValueOrDefault("OTEL_SDK_DISABLED"), out bool disabled) && disabled;
        var settings = new OtlpSettings(variables);
        return isOff || !(settings.HasMetrics || settings.HasTraces || settings.HasLogs) ? null : settings;
    }

    /// <summary>A user has said how long an export may take.</summary>
    /// <param name="signal">As in METRICS.</param>
    public bool HasTimeout(string signal) =>
        Variables.ContainsKey($"{Exporter}TIMEOUT") || Variables.ContainsKey($"{Exporter}{signal}_TIMEOUT");

    /// <param name="errors">Gets a line for every variable that cannot be used.</param>
    public void Check(List<string> errors)
    {
        foreach (var (name, value) in Variables.OrderBy(one => one.Key, StringComparer.Ordinal))
        {
            if (Mistake(name, value) is { } mistake)
                errors.Add(mistake);
        }
    }

    private bool Sends(string signal) =>
        Variables.GetValueOrDefault($"{Prefix}{signal}_EXPORTER") != "none"
        && (Variables.ContainsKey(Endpoint) || Variables.ContainsKey($"{Exporter}{signal}_ENDPOINT"));

    private static string? Mistake(string name, string value)
    {
        bool isOtlp = name.StartsWith(Exporter, StringComparison.Ordinal);
        if (isOtlp && name.EndsWith("_ENDPOINT", StringComparison.Ordinal))
            return EndpointMistake(name, value);
        if (isOtlp && name.EndsWith("_PROTOCOL", StringComparison.Ordinal) && !Protocols.Contains(value))
            return $"{name} is '{value}'; use {string.Join(" or ", Protocols)}.";
        if (isOtlp && name.EndsWith("_HEADERS", StringComparison.Ordinal) && !value.Split(',').All(IsHeader))
            return $"{name} is no list of headers; use name=value, separated by commas.";
        if (name.EndsWith("_EXPORTER", StringComparison.Ordinal) && value is not ("otlp" or "none"))
            return $"{name} is '{value}'; use otlp or none: metrics are served to Prometheus at /metrics anyway.";
        bool isNumber = new[] { "_TIMEOUT", "_INTERVAL", "_DELAY", "_SIZE" }.Any(end => name.EndsWith(end, StringComparison.Ordinal));
        return isNumber && !(int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0)
            ? $"{name} is '{value}'; use a whole number above 0 (milliseconds, or a count)."
            : null;
    }

    private static string? EndpointMistake(string name, string value)
    {
        string what = name == Endpoint ? $"{Option} (or {name})" : name;
        if (!Uri.TryCreate(value, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.Host == "")
            return $"{what} is '{Excerpt.Ends(AddressText.WithoutUser(value), 200)}'; use an address such as http://127.0.0.1:4317.";
        return uri.UserInfo == "" ? null
            : $"{what} holds a user or password, which addresses show to others; put them into {Exporter}HEADERS.";
    }

    private static bool IsHeader(string header) => header.IndexOf('=') > 0;
}
