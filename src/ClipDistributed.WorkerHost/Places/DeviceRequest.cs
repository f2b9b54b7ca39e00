using System.Globalization;

namespace ClipDistributed.WorkerHost.Places;

/// <summary>Devices as a user names them for one command.</summary>
/// <param name="Gpus">By number; none: the processors; null: as many as there are replicas, from the first one on.</param>
public sealed record DeviceRequest(IReadOnlyList<int>? Gpus)
{
    private const string Kind = "cuda", Numbered = "cuda:";

    /// <param name="text">As in <c>cpu</c>, <c>cuda</c>, <c>cuda:1</c> and <c>cuda:0,cuda:1</c>.</param>
    /// <returns>Null: it names no devices, or one twice.</returns>
    public static DeviceRequest? Parse(string text)
    {
        if (text is "cpu" or Kind)
            return new DeviceRequest(text == Kind ? null : []);
        var gpus = new List<int>();
        foreach (string name in text.Split(',', StringSplitOptions.TrimEntries))
        {
            string number = name.StartsWith(Numbered, StringComparison.Ordinal) ? name[Numbered.Length..] : "";
            if (!int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int gpu) || gpus.Contains(gpu))
                return null;
            gpus.Add(gpu);
        }
        return new DeviceRequest(gpus);
    }

    /// <summary>As it was given.</summary>
    public override string ToString() => Gpus switch
    {
        null => Kind,
        [] => "cpu",
        _ => string.Join(',', Gpus.Select(gpu => $"{Numbered}{gpu}")),
    };
}
