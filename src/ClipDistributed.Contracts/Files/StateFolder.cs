namespace ClipDistributed.Contracts.Files;

/// <summary>The folder in which a coordinator keeps its state, and clipd finds the token of one on its machine.</summary>
public static class StateFolder
{
    /// <summary>Where none is named.</summary>
    public static string Default => Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify),
        "clipdistributed");

    /// <summary>The token of an admin, which the coordinator makes.</summary>
    public static string TokenIn(string folder) => Path.Combine(folder, "token");

    /// <summary>The link that signs in to the dashboard, where the coordinator's output may be kept.</summary>
    public static string SignInLinkIn(string folder) => Path.Combine(folder, "sign-in-link");
}
