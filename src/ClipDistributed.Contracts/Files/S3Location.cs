using System.Text.RegularExpressions;

namespace ClipDistributed.Contracts.Files;

/// <summary>A place in S3, as in <c>s3://bucket/prefix</c>.</summary>
/// <param name="Prefix">What all keys begin with; ends with a slash, or is empty.</param>
public sealed partial record S3Location(string Bucket, string Prefix)
{
    public const string Scheme = "s3://";

    /// <summary>Null where it is none.</summary>
    public static S3Location? TryParse(string url) =>
        Form().Match(url) is { Success: true } parts
            ? new S3Location(parts.Groups["bucket"].Value, parts.Groups["prefix"].Value is { Length: > 0 } prefix ? prefix + "/" : "")
            : null;

    /// <summary>For messages: people put passwords where they are known to work elsewhere.</summary>
    public static string Masked(string url) => url.LastIndexOf('@') is >= 0 and var at ? "…" + url[at..] : url;

    public string Url(string key) => $"{Scheme}{Bucket}/{key}";

    public override string ToString() => Url(Prefix).TrimEnd('/');

    // Bucket names are lower-case DNS names; a prefix is one or more non-empty segments of characters that need no quoting.
    [GeneratedRegex(@"^s3://(?<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(/(?<prefix>[\w!'()*.=+-]+(/[\w!'()*.=+-]+)*)?/?)?$")]
    private static partial Regex Form();
}
