using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Contracts.Links;

/// <summary>
/// Where coordinators are, one of which leads: they are tried one after the other until one serves. For one thread at a time.
/// </summary>
public sealed class CoordinatorAddresses
{
    /// <summary>A trailer that says that a call was not served at all, so that another coordinator can be asked without harm.</summary>
    public const string NotServed = "clipd-not-served";

    private const int DefaultPort = 7071;

    private int place;
    private int tried; // since one served

    /// <param name="list">As in http://a:7071,http://b:7071, or a:7071, or a.</param>
    /// <param name="option">What the user calls it.</param>
    /// <exception cref="BadInputException">One of them is not an address.</exception>
    public CoordinatorAddresses(string list, string option)
    {
        All = [.. list.Split(',', StringSplitOptions.TrimEntries).Select(Complete)];
        if (All.Any(address => !Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https")))
            throw new BadInputException(
                $"{option} is '{list}'; give an address such as http://127.0.0.1:7071, or several, separated by commas.");
    }

    public IReadOnlyList<string> All { get; }

    /// <summary>One of them needs certificates.</summary>
    public bool HasTls => All.Any(address => address.StartsWith("https:", StringComparison.OrdinalIgnoreCase));

    /// <summary>The one to try.</summary>
    public string Current => All[place];

    /// <summary>Without a scheme it is http, and then the port is the coordinator's own where none is given.</summary>
    private static string Complete(string address)
    {
        if (address.Length == 0 || address.Contains("://", StringComparison.Ordinal))
            return address;
        string url =
            $"http://{(Uri.CheckHostName(address) == UriHostNameType.IPv6 && !address.StartsWith('[') ? $"[{address}]" : address)}";
        return Uri.TryCreate(url, UriKind.Absolute, out var given) && given.IsDefaultPort && !url.EndsWith(":80", StringComparison.Ordinal)
            ? $"http://{given.Host}:{DefaultPort}"
            : url;
    }

    /// <summary>The current one serves.</summary>
    public void Served() => tried = 0;

    /// <summary>The current one does not serve: on to the next.</summary>
    /// <returns>True: none of them did, so that it is time for a pause.</returns>
    public bool Turn()
    {
        place = (place + 1) % All.Count;
        tried = (tried + 1) % All.Count;
        return tried == 0;
    }
}
