namespace ClipDistributed.TestKit.Files;

/// <summary>The files of tests/fixtures beside the tests; its README says how they were made.</summary>
public static class Fixtures
{
    public static string File(params string[] parts) => Path.Combine([AppContext.BaseDirectory, "fixtures", .. parts]);
}
