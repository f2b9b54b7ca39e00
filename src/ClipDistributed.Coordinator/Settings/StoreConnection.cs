using System.Globalization;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using Npgsql;

namespace ClipDistributed.Coordinator.Settings;

/// <summary>Address and credentials of a PostgreSQL database. As text it has no secrets.</summary>
public sealed class StoreConnection
{
    private const int MaxFile = 1 << 16;
    private const string Form = "use Npgsql's form, such as 'Host=db;Database=clipd;Username=clipd'";

    private StoreConnection(NpgsqlConnectionStringBuilder settings) => Settings = settings;

    internal NpgsqlConnectionStringBuilder Settings { get; }

    /// <exception cref="BadInputException">It is not a connection string; the text repeats no value of it.</exception>
    public static StoreConnection Parse(string connection)
    {
        try
        {
            var settings = new NpgsqlConnectionStringBuilder(connection);
            return settings.Host is null
                ? throw new BadInputException($"The store's connection string names no host; {Form}.")
                : new StoreConnection(settings);
        }
        catch (Exception malformed) when (malformed is ArgumentException or FormatException)
        {
            throw new BadInputException($"The store's connection string cannot be read; {Form}.");
        }
    }

    /// <summary>The value of the option --store: a connection string, or @FILE that holds one.</summary>
    /// <exception cref="BadInputException">The file cannot be read, or a password stands where others can see it.</exception>
    public static StoreConnection FromOption(string given)
    {
        if (given.StartsWith('@'))
            return Parse(ReadFile(given[1..]));
        var connection = Parse(given);
        return connection.Settings.Password is null && connection.Settings.SslPassword is null
            ? connection
            : throw new BadInputException(
                "--store holds a password, which all users of this machine can see in the list of processes; "
                    + "write the connection string into a file and give --store @FILE, or set CLIPD_STORE."
            );
    }

    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"PostgreSQL at {Settings.Host}:{Settings.Port}, database {Settings.Database ?? Settings.Username ?? "of the user"}"
        );

    private static string ReadFile(string file) => InputFile.ReadText(file, "--store", MaxFile, pipe: true).Trim();
}
